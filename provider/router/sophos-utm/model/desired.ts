import type { Owner } from "../../owner";
import type { OwnedInputs } from "../../platform";
import { joinRanges, type PortRange, portRanges } from "../../ports";
import type { Redirection } from "../../redirection";
import type { Direction } from "./names";
import type { SophosUtmOptions } from "./options";

/** One direction of a redirection: a policy route for each of the interfaces. */
export interface Leg {
  redirection: Redirection;
  direction: Direction;
  interfaces: string[];
  /** Empty for any. */
  sources: readonly string[];
  destinations: readonly string[];
  /** Ports of the servers. */
  ports: readonly PortRange[];
}

/** The complete wanted state for a set of redirections. */
export interface Desired {
  /** Sorted by name, clients before servers. */
  legs: Leg[];
  isOverridingLocks: boolean;
  owner?: Owner | undefined;
}

/** The empty state: the owned state before creation and the wanted state for deletion. */
export const NOTHING: Desired = { legs: [], isOverridingLocks: false };

/** The wanted state on the router for the inputs of a resource. */
export function desiredFor({ redirections, options, owner }: OwnedInputs<SophosUtmOptions>): Desired {
  const sorted = [...redirections].sort((left, right) => (left.name < right.name ? -1 : 1));
  return { legs: sorted.flatMap(legsOf), isOverridingLocks: options.overrideLocks, owner };
}

/** The names of the redirections of a state. */
export function redirectionNames({ legs }: Desired): string[] {
  return [...new Set(legs.map(({ redirection }) => redirection.name))];
}

/** Servers answer to the client's address with addressMode client, so their answers need a way back to SPS. */
function legsOf(redirection: Redirection): Leg[] {
  const { clientInterfaces, serverInterfaces = [], clientCidrs = [], serverCidrs, addressMode } = redirection;
  const ports = joinRanges(portRanges(redirection.ports), 1);
  const leg = (direction: Direction, interfaces: string[], sources: string[], destinations: string[]): Leg => ({
    redirection,
    direction,
    interfaces,
    sources,
    destinations,
    ports,
  });
  const clients = leg("in", clientInterfaces, clientCidrs, serverCidrs);
  return addressMode === "own" ? [clients] : [clients, leg("out", serverInterfaces, serverCidrs, clientCidrs)];
}
