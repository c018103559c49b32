import type { Owner } from "../../owner";
import type { OwnedInputs } from "../../platform";
import { portRanges } from "../../ports";
import type { Redirection } from "../../redirection";
import { type CheckPointOptions, DEFAULT_PRIORITIES, type Priorities, prioritiesOf } from "./options";

/** The traffic that one PBR rule selects. A rule has one of each. */
export interface Selector {
  interface: string;
  /** Undefined for every client. */
  from: string | undefined;
  to: string;
  port: number;
}

/** A redirection with the traffic of its rules. */
export interface Route {
  redirection: Redirection;
  selectors: Selector[];
}

/** The complete wanted state for a set of redirections. */
export interface Desired {
  /** Sorted by name. */
  routes: Route[];
  /** True saves the configuration. */
  isPersistent: boolean;
  isOverridingLock: boolean;
  priorities: Priorities;
  owner?: Owner | undefined;
}

/** The empty state: the owned state before creation and the wanted state for deletion. */
export const NOTHING: Desired = {
  routes: [],
  isPersistent: false,
  isOverridingLock: false,
  priorities: DEFAULT_PRIORITIES,
};

/** The wanted state on the router for the inputs of a resource. */
export function desiredFor({ redirections, options, persist, owner }: OwnedInputs<CheckPointOptions>): Desired {
  const sorted = [...redirections].sort((left, right) => (left.name < right.name ? -1 : 1));
  return {
    routes: sorted.map((redirection) => ({ redirection, selectors: selectorsOf(redirection) })),
    isPersistent: persist,
    isOverridingLock: options.overrideLock,
    priorities: prioritiesOf(options),
    owner,
  };
}

/** The names of the redirections of a state. */
export function redirectionNames({ routes }: Desired): string[] {
  return [...new Set(routes.map(({ redirection }) => redirection.name))];
}

/** The number of rules that select the traffic of a redirection. */
export function selectorCount({ clientInterfaces, clientCidrs, serverCidrs, ports }: Redirection): number {
  const portCount = portRanges(ports).reduce((sum, { first, last }) => sum + last - first + 1, 0);
  return clientInterfaces.length * (clientCidrs?.length ?? 1) * serverCidrs.length * portCount;
}

/** One selector for each combination of interface, client network, server network and port. */
function selectorsOf({ clientInterfaces, clientCidrs, serverCidrs, ports }: Redirection): Selector[] {
  const clients: readonly (string | undefined)[] = clientCidrs ?? [undefined];
  const numbers = portRanges(ports).flatMap(({ first, last }) =>
    Array.from({ length: last - first + 1 }, (_, index) => first + index),
  );
  return clientInterfaces.flatMap((name) =>
    clients.flatMap((from) =>
      serverCidrs.flatMap((to) => numbers.map((port) => ({ interface: name, from, to, port }))),
    ),
  );
}
