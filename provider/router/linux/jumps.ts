import type { Chain } from "./desired";
import { printRule } from "./rule";
import { ENTRY_CHAIN, type Jump, type SavedTable, textOf } from "./saved-table";

/** All rules that send packets into a chain, in order, each with what stands in its way. */
export function jumpsInto(table: SavedTable, target: string): readonly Jump[] {
  return table.jumps.get(target) ?? [];
}

/** Tells whether packets reach the chain as they should: one jump, as wanted, with nothing in its way. */
export function isJumpRight(table: SavedTable, chain: Chain): boolean {
  const [first, ...more] = jumpsInto(table, chain.name);
  if (!first || more.length > 0) return false;
  return first.chain === ENTRY_CHAIN && !first.behind && textOf(first.found) === printRule(chain.jump);
}
