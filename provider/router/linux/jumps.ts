import type { Chain } from "./desired";
import { printRule } from "./rule";
import { ENTRY_CHAIN, type FoundRule, jumpsTo, type SavedTable, targetChain } from "./saved-table";

/** Targets after which a packet sees no later rule of the chain. */
const ENDING_TARGETS = ["ACCEPT", "DROP", "RETURN", "QUEUE", "NFQUEUE", "TPROXY", "REJECT"];

/** A rule that sends packets into the chain of a redirection. */
export interface Jump {
  /** The chain it stands in. */
  chain: string;
  found: FoundRule;
  /** A rule of another program before it that keeps packets from reaching it. */
  behind?: FoundRule;
}

/** All rules that send packets into a chain, in order, each with what stands in its way. */
export function jumpsInto(table: SavedTable, target: string): Jump[] {
  return jumpsTo(table, target).map(({ chain, index, found }) => {
    const earlier = chain === ENTRY_CHAIN ? (table.get(chain) ?? []).slice(0, index) : [];
    const behind = earlier.find((rule) => ENDING_TARGETS.includes(targetChain(rule) ?? ""));
    return { chain, found, ...(behind && { behind }) };
  });
}

/** Tells whether packets reach the chain as they should: one jump, as wanted, with nothing in its way. */
export function isJumpRight(table: SavedTable, chain: Chain): boolean {
  const [first, ...more] = jumpsInto(table, chain.name);
  if (!first || more.length > 0) return false;
  return first.chain === ENTRY_CHAIN && !first.behind && textOf(first.found) === printRule(chain.jump);
}

/** A found rule in canonical spelling where it is understood, else as the router prints it. */
export function textOf(found: FoundRule): string {
  return found.rule ? printRule(found.rule) : found.text;
}
