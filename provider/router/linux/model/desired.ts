import type { WatchdogOptions } from "../../bypass";
import type { Owner } from "../../owner";
import { joinRanges, type PortRange, portOf, portRanges, splitPorts } from "../../ports";
import type { Redirection } from "../../redirection";
import type { BackendSetting } from "./backend-names";
import { MARK_MASK, type NextHop, nextHopOf, nextHopsOf } from "./next-hops";
import type { LinuxOptions } from "./options";
import type { MangleRule, Mark } from "./rule";
import { CHAIN_PREFIX } from "./saved-table";

/** The iptables multiport match holds this many ports; a range counts as two. */
const MULTIPORT_SLOTS = 15;

/** One redirection. For backends that mark packets, it has the rules of its chain and the jump into it. */
export interface Chain {
  /** Name of the chain on the router. */
  name: string;
  redirection: Redirection;
  hop: NextHop;
  rules: MangleRule[];
  jump: MangleRule;
}

/** The complete wanted state for a set of redirections. */
export interface Desired {
  /** The wanted backend for the classification. */
  backend: BackendSetting;
  hops: NextHop[];
  /** Sorted by name. */
  chains: Chain[];
  /** True restores the redirections when the router restarts. */
  isPersistent: boolean;
  /** The resource that owns the redirections; absent when nothing is wanted. */
  owner?: Owner;
}

/** The empty state: the owned state before creation and the wanted state for deletion. */
export const NOTHING: Desired = { backend: "auto", hops: [], chains: [], isPersistent: false };

/** Translates redirections into the wanted state of a Linux router. */
export function desiredState(
  redirections: readonly Redirection[],
  options: LinuxOptions,
  isPersistent = false,
  watch?: WatchdogOptions,
  owner?: Owner,
): Desired {
  const chains = redirections.map((redirection) => chainOf(redirection, nextHopOf(redirection, options, watch)));
  chains.sort((left, right) => (left.name < right.name ? -1 : 1));
  const hops = nextHopsOf(redirections, options, watch);
  return { backend: options.backend, hops, chains, isPersistent, ...(owner && { owner }) };
}

/** Name of the chain of a redirection. */
export function chainName(redirectionName: string): string {
  return `${CHAIN_PREFIX}${redirectionName}`;
}

/** The rules of one redirection. */
export function chainOf(redirection: Redirection, hop: NextHop): Chain {
  const mark: Mark = { value: hop.mark, mask: MARK_MASK };
  const name = chainName(redirection.name);
  const tag = `sps:${redirection.name}`;
  const rules = selectors(redirection, redirection.clientInterfaces).map(
    (selector): MangleRule => ({ ...selector, comment: `${tag}:client`, target: { kind: "mark-connection", mark } }),
  );
  if (redirection.addressMode === "client") {
    // Marks the connections that SPS opens with the client's address, so that the answers of servers return to SPS.
    for (const selector of selectors(redirection, [redirection.spsInterface])) {
      rules.push({ ...selector, comment: `${tag}:sps`, target: { kind: "mark-connection", mark } });
    }
  }
  rules.push(restoringRule(redirection.name, hop));
  return { name, redirection, hop, rules, jump: jumpRule(name) };
}

/** The rule that copies the mark of the connection to its packets, unless they come from SPS. */
export function restoringRule(redirectionName: string, hop: NextHop): MangleRule {
  const mark: Mark = { value: hop.mark, mask: MARK_MASK };
  return {
    arrivesOn: { name: hop.device, isNegated: true },
    connectionMark: mark,
    comment: `sps:${redirectionName}:restore`,
    target: { kind: "mark-packet", mark },
  };
}

/** The rule that jumps into the chain of a redirection. */
export function jumpRule(chain: string): MangleRule {
  return { comment: `sps:${chain.slice(CHAIN_PREFIX.length)}`, target: { kind: "jump", chain } };
}

/** The ports of a redirection with adjacent ones joined, in groups for one rule each. */
function portGroups({ ports }: Pick<Redirection, "ports">): PortRange[][] {
  return splitPorts(joinRanges(portRanges(ports), 1).map(portOf), MULTIPORT_SLOTS);
}

/** How many rules select the traffic of a redirection in a firewall. */
export function selectorCount(redirection: Redirection): number {
  const { clientInterfaces, clientCidrs = [undefined], serverCidrs, addressMode } = redirection;
  const interfaces = clientInterfaces.length + (addressMode === "client" ? 1 : 0);
  return interfaces * clientCidrs.length * serverCidrs.length * portGroups(redirection).length;
}

/** One selector for each combination of interface, client network, server network and group of ports. */
function selectors(redirection: Redirection, interfaces: readonly string[]): Omit<MangleRule, "target">[] {
  const sources: readonly (string | undefined)[] = redirection.clientCidrs ?? [undefined];
  const isOpening = redirection.existingConnections === "leave" ? { isOpening: true } : {};
  return interfaces.flatMap((name) =>
    sources.flatMap((source) =>
      redirection.serverCidrs.flatMap((destination) =>
        portGroups(redirection).map((ports) => ({
          ...(source !== undefined && { source }),
          destination,
          arrivesOn: { name, isNegated: false },
          ports,
          ...isOpening,
        })),
      ),
    ),
  );
}
