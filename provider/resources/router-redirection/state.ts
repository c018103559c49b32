import type { ResourceIdentity } from "../../core/context";
import { pick } from "../../core/difference";
import { messageOf, PartialFailure } from "../../core/errors";
import { ifKnown, UNKNOWN, type Unknown } from "../../core/unknown";
import { watchdogSchema } from "../../router/bypass";
import type { Confirmation } from "../../router/outputs";
import {
  type ApplyOptions,
  type Owned,
  type OwnedInputs,
  PartiallyApplied,
  type Platforms,
  type RouterPlatform,
  type RouterReading,
} from "../../router/platform";
import type { Redirection } from "../../router/redirection";
import {
  inputSchemaOf,
  type RouterRedirectionChecked,
  type RouterRedirectionKnown,
  type RouterRedirectionState,
} from "./schema";

/** The platform of inputs or of a state. */
export function platformOf(platforms: Platforms, { platform }: { platform: string }): RouterPlatform {
  const found = platforms.get(platform);
  if (!found) throw new Error(`platform ${platform} passed the check and is not registered`);
  return found;
}

/** The inputs of a state. */
export function inputsOf(platform: RouterPlatform, state: object): Record<string, unknown> {
  return pick(state, inputKeysOf(platform));
}

function inputKeysOf(platform: RouterPlatform): string[] {
  return Object.keys((inputSchemaOf(platform) as unknown as { shape: object }).shape);
}

/** Inputs of a resource that has an id on its router. */
export type OwnerInputs = RouterRedirectionKnown & Pick<RouterRedirectionState, "ownerId">;

/** The redirections and options that the inputs request. Without an owner id, the inputs are those of a preview. */
export function wantedBy(
  platform: RouterPlatform,
  inputs: RouterRedirectionKnown & Partial<OwnerInputs>,
  resource?: ResourceIdentity,
): OwnedInputs {
  const { redirections, persist, bypass, watchdog, ownerId = "" } = inputs;
  const owner = { id: ownerId, ...(resource && { urn: resource.urn }) };
  return { redirections, options: Reflect.get(inputs, platform.block), persist, bypass, watchdog, owner };
}

/** The planned rules. They do not depend on the connection. */
export function plannedRules(platform: RouterPlatform, inputs: RouterRedirectionChecked): string[] | Unknown {
  const wanted = ifKnown(wantedBy(platform, inputs as RouterRedirectionKnown));
  return wanted ? platform.lines(wanted as OwnedInputs) : UNKNOWN;
}

/** What the resource owns on its router. */
export function ownedBy(platform: RouterPlatform, state: RouterRedirectionState, resource?: ResourceIdentity): Owned {
  const { unfinished, interfaces } = state;
  const inputs = wantedBy(platform, state, resource);
  return {
    inputs,
    ...(unfinished && {
      unfinished: {
        redirections: unfinished.redirections as Redirection[],
        options: Reflect.get(unfinished, platform.block),
        persist: false,
        bypass: "never",
        watchdog: watchdogSchema.parse({}) as OwnedInputs["watchdog"],
        owner: inputs.owner,
      },
    }),
    interfaces,
    status: Reflect.get(state, `${platform.block}Status`),
  };
}

/** How changes are protected and verified. */
export function applyOptionsOf({ commitConfirm, probe, removal }: RouterRedirectionKnown): ApplyOptions {
  return { windowSeconds: commitConfirm.windowSeconds, probe, removal };
}

/** The state to record: the inputs and the values read back. */
export function stateOf(
  platform: RouterPlatform,
  inputs: OwnerInputs,
  reading: RouterReading | undefined,
  { confirmedAt, confirmedUnproven, confirmedTraffic }: Partial<Confirmation> = {},
): RouterRedirectionState {
  const state = {
    ...inputsOf(platform, inputs),
    ownerId: inputs.ownerId,
    rules: reading?.rules ?? [],
    interfaces: reading?.interfaces ?? [],
    counters: reading?.counters ?? [],
    ...(reading && { [`${platform.block}Status`]: reading.status }),
    ...(confirmedAt !== undefined && { confirmedAt }),
    ...(confirmedUnproven !== undefined && { confirmedUnproven }),
    ...(confirmedTraffic !== undefined && { confirmedTraffic }),
  };
  return state as RouterRedirectionState;
}

/**
 * The error for a failed create or update. It carries the id and a partial state once the router may have changed.
 * @param unfinished the previous inputs, when parts of them may be left on the router
 * @param isBegun true when a router was changed before the failure
 */
export function recorded(
  error: unknown,
  id: string,
  platform: RouterPlatform,
  inputs: OwnerInputs,
  { unfinished, isBegun = false }: { unfinished?: { redirections: unknown } | undefined; isBegun?: boolean } = {},
): unknown {
  if (!(error instanceof PartiallyApplied) && !isBegun) return error;
  const { reading, confirmation } = error instanceof PartiallyApplied ? error.details : {};
  const state = {
    ...stateOf(platform, inputs, reading, confirmation),
    ...(unfinished && {
      unfinished: {
        platform: platform.name,
        redirections: unfinished.redirections,
        [platform.block]: Reflect.get(unfinished, platform.block),
      },
    }),
  };
  const reasons = [messageOf(error), "the next pulumi up reads the router and continues from there"];
  return new PartialFailure(id, state, reasons, { cause: error });
}
