import { portOf } from "../ports";
import type { Selector } from "../topology";
import type { Desired } from "./desired";
import type { Found } from "./found";
import { MARK_MASK } from "./next-hops";
import { CHAIN_PREFIX, redirectionsIn } from "./saved-table";

/** A redirection on the router that belongs to another resource, as far as its chain tells. */
export interface OtherRedirection {
  name: string;
  /** The packet mark of its SPS; undefined when its chain holds no rule that sets one. */
  mark?: number;
  /** The interface of its SPS. */
  device?: string;
  /** The traffic it takes. */
  traffic: Selector[];
}

/** The redirections on the router that none of these states holds. */
export function otherRedirections(found: Found, ...states: readonly Desired[]): OtherRedirection[] {
  const ours = new Set(states.flatMap((state) => state.chains.map((chain) => chain.redirection.name)));
  return redirectionsIn(found.mangle)
    .filter((name) => !ours.has(name))
    .map((name) => describe(name, found));
}

/** The names of the other redirections that go to the SPS with this mark. */
export function usersOfMark(others: readonly OtherRedirection[], mark: number): string[] {
  return others.filter((other) => other.mark === mark).map((other) => other.name);
}

function describe(name: string, found: Found): OtherRedirection {
  const rules = (found.mangle.chains.get(`${CHAIN_PREFIX}${name}`) ?? []).flatMap(({ rule }) => rule ?? []);
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
