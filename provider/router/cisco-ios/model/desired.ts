import type { Owner } from "../../owner";
import type { OwnedInputs } from "../../platform";
import { joinRanges, portRanges } from "../../ports";
import type { Redirection } from "../../redirection";
import { entryText, networkText, portsText } from "./access-entry";
import type { Direction } from "./names";
import type { CiscoIosOptions } from "./options";
import { type Watch, watchOf } from "./watch";

/** One direction of a redirection: an access list, and a sequence of a route-map on each of the interfaces. */
export interface Leg {
  redirection: Redirection;
  direction: Direction;
  /** The entries of the access list, in canonical form. */
  entries: string[];
  interfaces: string[];
  /** How the router watches SPS; absent when the next hop is used whether SPS answers or not. */
  watch?: Watch | undefined;
}

/** Reserved sequences of route-maps of others. */
export interface SequenceRange {
  first: number;
  last: number;
}

/** The complete wanted state for a set of redirections. */
export interface Desired {
  /** Sorted by name, clients before servers. */
  legs: Leg[];
  /** True saves the configuration. */
  isPersistent: boolean;
  isReloadAllowed: boolean;
  /** Where route-maps of others are extended; absent when they are refused. */
  extend?: SequenceRange | undefined;
  owner?: Owner | undefined;
}

/** The empty state: the owned state before creation and the wanted state for deletion. */
export const NOTHING: Desired = { legs: [], isPersistent: false, isReloadAllowed: false };

/** The wanted state on the router for the inputs of a resource. */
export function desiredFor(inputs: OwnedInputs<CiscoIosOptions>): Desired {
  const { redirections, options, persist, owner } = inputs;
  const sorted = [...redirections].sort((left, right) => (left.name < right.name ? -1 : 1));
  const { reloadFallback, extend } = options;
  return {
    legs: sorted.flatMap((one) =>
      legsOf(one, isWatched(one, inputs) ? watchOf(one, inputs.watchdog, owner?.id ?? "") : undefined),
    ),
    isPersistent: persist,
    isReloadAllowed: reloadFallback,
    ...(extend && { extend: { first: extend.firstSequence, last: extend.lastSequence } }),
    owner,
  };
}

/** Without a bypass, only redirections that drop traffic may depend on whether SPS answers. */
function isWatched({ failMode }: Redirection, { bypass, options }: OwnedInputs<CiscoIosOptions>): boolean {
  return bypass === "when-sps-silent" || (options.trackSps && failMode === "closed");
}

/** The names of the redirections of a state. */
export function redirectionNames({ legs }: Desired): string[] {
  return [...new Set(legs.map(({ redirection }) => redirection.name))];
}

function legsOf(redirection: Redirection, watch: Watch | undefined): Leg[] {
  const { clientInterfaces, serverInterfaces = [], addressMode } = redirection;
  const clients: Leg = {
    redirection,
    direction: "in",
    entries: entriesOf(redirection, "in"),
    interfaces: clientInterfaces,
    watch,
  };
  if (addressMode === "own") return [clients];
  // Servers answer to the client's address, so their answers need a way back to SPS.
  const servers: Leg = {
    redirection,
    direction: "out",
    entries: entriesOf(redirection, "out"),
    interfaces: serverInterfaces,
    watch,
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
