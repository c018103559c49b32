import type { Check } from "../check";
import { ACCESS_CHECKS } from "./access";
import { PAIR_CHECKS } from "./both";
import { IDENTITY_CHECKS } from "./identity";
import { JOIN_CHECKS } from "./join-state";
import { SPP_STATE_CHECKS } from "./spp-state";
import { SPS_STATE_CHECKS } from "./sps-state";

export { notesOf } from "./notes";

const ALL = [IDENTITY_CHECKS, ACCESS_CHECKS, SPS_STATE_CHECKS, SPP_STATE_CHECKS, PAIR_CHECKS, JOIN_CHECKS].flat();
const isOf = (side: string) => (check: Check) => check.id.startsWith(`${side}-`);

/** All checks in the order of the report: those of SPS, of SPP, then of both together. */
export const CHECKS: readonly Check[] = [
  ...ALL.filter(isOf("sps")),
  ...ALL.filter(isOf("spp")),
  ...ALL.filter((check) => !isOf("sps")(check) && !isOf("spp")(check)),
];
