import { APPLIANCE_ERRORS } from "./appliances";
import { CLUSTER_ERRORS } from "./cluster";
import { DIAGNOSIS_ERRORS } from "./diagnosis";
import type { ErrorEntry } from "./entry";
import { JOIN_ERRORS, JOIN_REQUEST_ERRORS } from "./join";
import { PREFLIGHT_ERRORS } from "./preflight";
import {
  ROUTER_CHANGE_ERRORS,
  ROUTER_CONFLICT_ERRORS,
  ROUTER_CONNECTION_ERRORS,
  ROUTER_REQUIREMENT_ERRORS,
} from "./router";
import { SPP_ERRORS } from "./spp";

/** Every code of this product. A code is stable: it is never given to another failure. */
export const CATALOGUE = {
  ...APPLIANCE_ERRORS,
  ...CLUSTER_ERRORS,
  ...SPP_ERRORS,
  ...JOIN_REQUEST_ERRORS,
  ...JOIN_ERRORS,
  ...PREFLIGHT_ERRORS,
  ...DIAGNOSIS_ERRORS,
  ...ROUTER_CONNECTION_ERRORS,
  ...ROUTER_REQUIREMENT_ERRORS,
  ...ROUTER_CONFLICT_ERRORS,
  ...ROUTER_CHANGE_ERRORS,
};

export type ErrorCode = keyof typeof CATALOGUE;

/** The codes of the join request's failures. */
export type JoinRequestErrorCode = keyof typeof JOIN_REQUEST_ERRORS;

/** The catalogue's entry for a code. */
export function entryOf(code: ErrorCode): ErrorEntry {
  return CATALOGUE[code];
}
