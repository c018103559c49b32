import { portOf } from "../../ports";
import type { Selector } from "../../topology";
import { partitionSelectorRules } from "../backends/ip-rule";
import type { Desired } from "../model/desired";
import type { Found } from "../model/found";
import { MARK_MASK, type NextHop } from "../model/next-hops";
import type { PolicyRule } from "../model/routing";
import { CHAIN_PREFIX, redirectionsIn, type SavedTable } from "../model/saved-table";

/** A redirection of another resource on the router, as far as its chain shows it. */
export interface OtherRedirection {
  name: string;
  /** The packet mark of its SPS; undefined when no rule of its chain sets one. */
  mark?: number;
  /** The routing table of its SPS, if its policy rules name it. */
  table?: number;
  /** The interface of its SPS. */
  device?: string;
  /** The traffic that it redirects. */
  traffic: Selector[];
}

/** The redirections on the router that are in none of these states. */
export function otherRedirections(found: Found, ...states: readonly Desired[]): OtherRedirection[] {
  const chains = states.flatMap((state) => state.chains);
  const ours = new Set(chains.map((chain) => chain.redirection.name));
  const marking = [...found.firewalls.values()].flatMap(({ table }) =>
    redirectionsIn(table)
      .filter((name) => !ours.has(name))
      .map((name) => describe(name, table)),
  );
  const nameless = partitionSelectorRules(chains, found.policyRules).foreign;
  const tables = [...new Set(nameless.flatMap((rule) => rule.table ?? []))];
  return [...marking, ...tables.map((table) => describeSelecting(table, nameless, found))];
}

/** The names of the other redirections with this mark. */
export function usersOfMark(others: readonly OtherRedirection[], mark: number): string[] {
  return others.filter((other) => other.mark === mark).map((other) => other.name);
}

/** The names of the other redirections that use the same next hop, by mark or by table. */
export function usersOf(others: readonly OtherRedirection[], hop: Pick<NextHop, "mark" | "table">): string[] {
  return others.filter((other) => other.mark === hop.mark || other.table === hop.table).map((other) => other.name);
}

/** Policy rules have no name, so all rules for one table count as one redirection. */
function describeSelecting(table: number, rules: readonly PolicyRule[], found: Found): OtherRedirection {
  const device = found.routes.get(table)?.find((route) => route.type === "unicast")?.device;
  const traffic = rules.flatMap(({ selector, table: own }): Selector[] => {
    const { arrivesOn, source, destination, destinationPorts } = selector ?? {};
    if (own !== table || arrivesOn === undefined || destination === undefined || !destinationPorts) return [];
    return [
      {
        clientInterfaces: [arrivesOn],
        ...(source !== undefined && { clientCidrs: [source] }),
        serverCidrs: [destination],
        ports: [portOf(destinationPorts)],
      },
    ];
  });
  return { name: `by policy rules (table ${table})`, table, ...(device !== undefined && { device }), traffic };
}

function describe(name: string, table: SavedTable): OtherRedirection {
  const rules = (table.chains.get(`${CHAIN_PREFIX}${name}`) ?? []).flatMap(({ rule }) => rule ?? []);
  const restore = rules.find((rule) => rule.target.kind === "mark-packet" && rule.target.mark.mask === MARK_MASK);
  const traffic = rules.flatMap((rule) => {
    const { arrivesOn, source, destination, ports, target } = rule;
    const isSelector = target.kind === "mark-connection" && arrivesOn && !arrivesOn.isNegated && destination && ports;
    if (!isSelector || arrivesOn.name === restore?.arrivesOn?.name) return [];
    const selector: Selector = {
      clientInterfaces: [arrivesOn.name],
      ...(source !== undefined && { clientCidrs: [source] }),
      serverCidrs: [destination],
      ports: ports.map(portOf),
    };
    return [selector];
  });
  return {
    name,
    ...(restore?.target.kind === "mark-packet" && { mark: restore.target.mark.value }),
    ...(restore?.arrivesOn && { device: restore.arrivesOn.name }),
    traffic,
  };
}
