import type { Redirection } from "../../redirection";
import type { Chain } from "../model/desired";
import { printRule } from "../model/rule";
import { ENTRY_CHAIN, type FoundRule, type Jump, type SavedTable, textOf } from "../model/saved-table";
import { type Flow, flowsOf } from "./flows";
import { ruleOf } from "./rules/iptables-rules";
import type { Rule } from "./rules/ruleset";
import { hitsInRules } from "./walk";

/** All rules that jump into a chain, in order. */
export function jumpsInto(table: SavedTable, target: string): readonly Jump[] {
  return table.jumps.get(target) ?? [];
}

/** Whether packets reach the chain: exactly one jump, as wanted, with no blocking rule before it. */
export function isJumpRight(table: SavedTable, chain: Chain): boolean {
  const [first, ...more] = jumpsInto(table, chain.name);
  if (!first || more.length > 0) return false;
  const isWanted = first.chain === ENTRY_CHAIN && textOf(first.found) === printRule(chain.jump);
  return isWanted && !blockerOf(first, chain, table);
}

/**
 * The first rule before a jump that may keep packets of its redirection from reaching it. A rule that accepts packets
 * or leaves the chain counts when it may match one of them. A rule that drops packets counts when all its conditions are
 * understood: a filter applied to these packets before the redirection too.
 */
export function blockerOf(jump: Jump, chain: Chain, table: SavedTable): FoundRule | undefined {
  if (jump.before.length === 0) return undefined;
  const flows = flowsToChain(chain);
  const parsed = rulesOf(table);
  const entry = new Map(parsed.get(ENTRY_CHAIN)?.map((rule) => [rule.text, rule]));
  return jump.before.find((found) => {
    const rule = entry.get(found.text);
    return rule !== undefined && flows.some((flow) => isBlocking(rule, parsed, flow));
  });
}

function isBlocking(rule: Rule, chains: ReadonlyMap<string, readonly Rule[]>, flow: Flow): boolean {
  // Packets do not come back from a chain that is entered with goto.
  const isLeaving = rule.action.kind === "return" || rule.action.kind === "goto";
  const rules = isLeaving ? [{ ...rule, action: ACCEPT }] : [rule];
  return hitsInRules(rules, chains, flow, UNKNOWN_MARKS).some((hit) =>
    hit.action.kind === "drop" ? isUnderstood(hit.rule) : hit.action.kind === "accept" || hit.action.kind === "take",
  );
}

const isUnderstood = ({ tests }: Rule) => tests.every(({ on }) => on !== "unknown");

/** Marks that any program may have set before. */
const UNKNOWN_MARKS = { packet: [{ bits: 0xffffffff }], connection: [{ bits: 0xffffffff }] };

const ACCEPT = { kind: "accept" } as const;

/** The packets that must reach the chain: of clients, and with the client's address also of SPS and of servers. */
function flowsToChain({ redirection, hop }: Pick<Chain, "redirection" | "hop">): Flow[] {
  const legs = legsOf(redirection);
  return flowsOf(redirection, hop)
    .filter(({ leg }) => legs.includes(leg))
    .map((flow) => ({ ...flow, packetMark: 0 }));
}

function legsOf({ addressMode }: Redirection): Flow["leg"][] {
  return addressMode === "own" ? ["client→SPS"] : ["client→SPS", "SPS→server", "server→SPS"];
}

const parsedTables = new WeakMap<SavedTable["chains"], ReadonlyMap<string, readonly Rule[]>>();

/** The rules of a table by chain, parsed once. */
function rulesOf({ chains }: SavedTable): ReadonlyMap<string, readonly Rule[]> {
  const known = parsedTables.get(chains);
  if (known) return known;
  const isChain = (name: string) => chains.has(name);
  const parsed = new Map(
    [...chains].map(([name, rules]) => [name, rules.map(({ text }) => ruleOf(text, text, isChain))]),
  );
  parsedTables.set(chains, parsed);
  return parsed;
}
