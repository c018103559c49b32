import type { Chain } from "../model/desired";
import { printRule } from "../model/rule";
import { ENTRY_CHAIN, type FoundRule, type Jump, type SavedTable, textOf } from "../model/saved-table";
import { blockerIn } from "./blocking";

/** All rules that jump into a chain, in order. */
export function jumpsInto(table: SavedTable, target: string): readonly Jump[] {
  return table.jumps.get(target) ?? [];
}

/** The rule before a jump that keeps packets of its redirection from reaching it, if any. */
export function blockerOf(jump: Jump, chain: Chain, table: SavedTable): FoundRule | undefined {
  return blockerIn(jump.before, chain.redirection, table);
}

/** Whether packets reach the chain: exactly one jump, as wanted, with no blocking rule before it. */
export function isJumpRight(table: SavedTable, chain: Chain): boolean {
  const [first, ...more] = jumpsInto(table, chain.name);
  if (!first || more.length > 0) return false;
  const isWanted = first.chain === ENTRY_CHAIN && textOf(first.found) === printRule(chain.jump);
  return isWanted && !blockerOf(first, chain, table);
}
