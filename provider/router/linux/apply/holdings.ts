import type {
  Confirmation,
  Holdings,
  RouterRedirectionKnown,
  RouterRedirectionState,
} from "../../../resources/router-redirection/schema";
import { chooseBackend } from "../backends/backends";
import { isBackendName } from "../model/backend-names";
import { type Desired, desiredState, NOTHING } from "../model/desired";
import type { Found } from "../model/found";
import { renamed, resolved } from "../model/resolve";
import { persistedBy } from "../persistence/plan";
import { desiredRules, foundLines, foundRules } from "../plan/lines";
import { counterOutputs, interfaceOutputs } from "../plan/outputs";
import { bypassOutputs } from "../watchdog/bypassed";
import type { Manner } from "./apply-once";

const DEFAULT_WINDOW_SECONDS = 60;

/** How changes are protected and proved; of a state of before there was a choice, the defaults. */
export function mannerOf(holder: Partial<Pick<RouterRedirectionKnown, "commitConfirm" | "probe" | "removal">>): Manner {
  return {
    windowSeconds: holder.commitConfirm?.windowSeconds ?? DEFAULT_WINDOW_SECONDS,
    probe: holder.probe ?? { hosts: [], path: "whenPossible", traffic: "whenPossible" },
    removal: holder.removal ?? { connections: "cut", drainSeconds: 300 },
  };
}

const workedOut = new WeakMap<Holdings["redirections"], { from: Holdings; desired: Desired }>();

/** What the redirections of a resource mean on its router. */
export function wantedBy(holdings: Holdings): Desired {
  const { redirections, linux, persist, bypass, watchdog } = holdings;
  // Asked several times in each operation, for redirections that may mean thousands of rules.
  const { from, desired: known } = workedOut.get(redirections) ?? {};
  const isSame = from?.linux === linux && from.persist === persist && from.bypass === bypass;
  if (known && isSame && from.watchdog === watchdog) return known;
  const desired = desiredState(redirections, linux, persist, bypass === "when-sps-silent" ? watchdog : undefined);
  workedOut.set(redirections, { from: holdings, desired });
  return desired;
}

/** Everything on the router that a resource may treat as its own, leftovers of an unfinished update included. */
export function ownedBy(state: RouterRedirectionState): Desired {
  // Interfaces that the program picks are what they were when the router was last read.
  const names = new Map(state.interfaces.flatMap(({ name, pickedBy = [] }) => pickedBy.map((text) => [text, name])));
  const held = (holdings: Holdings) => renamed(wantedBy(holdings), (text) => names.get(text) ?? text);
  const now = held(state);
  const before = state.unfinished ? held(state.unfinished) : NOTHING;
  const nameSet = new Set(now.chains.map((chain) => chain.name));
  const isKnown = (hop: Desired["hops"][number]) =>
    now.hops.some((other) => other.mark === hop.mark && other.table === hop.table && other.device === hop.device);
  const { backend } = state;
  return {
    backend: isBackendName(backend) ? backend : now.backend,
    hops: [...now.hops, ...before.hops.filter((hop) => !isKnown(hop))],
    chains: [...now.chains, ...before.chains.filter((chain) => !nameSet.has(chain.name))],
    isPersistent: now.isPersistent,
  };
}

/** The state to record: the inputs, and what was read back. */
export function stateOf(
  inputs: RouterRedirectionKnown,
  found: Found | undefined,
  { confirmedAt, confirmedUnproven, confirmedTraffic }: Partial<Confirmation> = {},
): RouterRedirectionState {
  const desired = wantedBy(inputs);
  const choice = found && chooseBackend(resolved(desired, found), found);
  return {
    platform: inputs.platform,
    router: inputs.router,
    redirections: inputs.redirections,
    linux: inputs.linux,
    commitConfirm: inputs.commitConfirm,
    probe: inputs.probe,
    preview: inputs.preview,
    removal: inputs.removal,
    persist: inputs.persist ?? false,
    bypass: inputs.bypass ?? "never",
    watchdog: inputs.watchdog,
    adopt: inputs.adopt,
    rules: found ? foundLines(desired, found) : [],
    backend: choice?.name ?? "unknown",
    backendReason: choice?.reason ?? "the router was not read",
    interfaces: found ? interfaceOutputs(desired, found) : [],
    persistedBy: found ? persistedBy(desired, found) : [],
    counters: found ? counterOutputs(desired, found) : [],
    bypassed: found ? bypassOutputs(resolved(desired, found), found) : [],
    ...(confirmedAt !== undefined && { confirmedAt }),
    ...(confirmedUnproven !== undefined && { confirmedUnproven }),
    ...(confirmedTraffic !== undefined && { confirmedTraffic }),
  };
}

/** Tells whether the router holds exactly what is wanted, restarts apart. */
export function isAsWanted(desired: Desired, found: Found): boolean {
  return desiredRules(desired).join("\n") === foundRules(desired, found).join("\n");
}
