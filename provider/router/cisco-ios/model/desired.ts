import type { Owner } from "../../owner";
import type { OwnedInputs } from "../../platform";
import { joinRanges, portRanges } from "../../ports";
import type { Redirection } from "../../redirection";
import { entryText, networkText, portsText } from "./access-entry";
import type { Direction } from "./names";
import type { CiscoIosOptions } from "./options";

/** One direction of a redirection: an access list, and a sequence of a route-map on each of the interfaces. */
export interface Leg {
  redirection: Redirection;
  direction: Direction;
  /** The entries of the access list, in canonical form. */
  entries: string[];
  interfaces: string[];
}

/** The complete wanted state for a set of redirections. */
export interface Desired {
  /** Sorted by name, clients before servers. */
  legs: Leg[];
  /** True saves the configuration. */
  isPersistent: boolean;
  isReloadAllowed: boolean;
  owner?: Owner | undefined;
}

/** The empty state: the owned state before creation and the wanted state for deletion. */
export const NOTHING: Desired = { legs: [], isPersistent: false, isReloadAllowed: false };

/** The wanted state on the router for the inputs of a resource. */
export function desiredFor({ redirections, options, persist, owner }: OwnedInputs<CiscoIosOptions>): Desired {
  const sorted = [...redirections].sort((left, right) => (left.name < right.name ? -1 : 1));
  const { reloadFallback } = options;
  return { legs: sorted.flatMap(legsOf), isPersistent: persist, isReloadAllowed: reloadFallback, owner };
}

/** The names of the redirections of a state. */
export function redirectionNames({ legs }: Desired): string[] {
  return [...new Set(legs.map(({ redirection }) => redirection.name))];
}

function legsOf(redirection: Redirection): Leg[] {
  const { clientInterfaces, serverInterfaces = [], addressMode } = redirection;
  const clients: Leg = {
    redirection,
    direction: "in",
    entries: entriesOf(redirection, "in"),
    interfaces: clientInterfaces,
  };
  if (addressMode === "own") return [clients];
  // Servers answer to the client's address, so their answers need a way back to SPS.
  const servers: Leg = {
    redirection,
    direction: "out",
    entries: entriesOf(redirection, "out"),
    interfaces: serverInterfaces,
  };
  return [clients, servers];
}

/** One entry for each combination of client network, server network and port. */
function entriesOf({ clientCidrs, serverCidrs, ports }: Redirection, direction: Direction): string[] {
  const clients: readonly (string | undefined)[] = clientCidrs ?? [undefined];
  const ranges = joinRanges(portRanges(ports), 1);
  return clients.flatMap((client) =>
    serverCidrs.flatMap((server) =>
      ranges.map((range) => {
        const clientEnd = { network: networkText(client), ports: "" };
        const serverEnd = { network: networkText(server), ports: portsText(range) };
        const [source, destination] = direction === "in" ? [clientEnd, serverEnd] : [serverEnd, clientEnd];
        return entryText({ action: "permit", protocol: "tcp", source, destination, rest: "" });
      }),
    ),
  );
}
