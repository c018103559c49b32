import { type MangleRule, parseRule } from "./rule";

/** One rule as found on the router. */
export interface FoundRule {
  /** The rule without `-A` and chain, as the router prints it. */
  text: string;
  /** Its meaning; absent when any part is not understood, as in rules of other programs. */
  rule?: MangleRule;
  packets: number;
  bytes: number;
}

/** A table as iptables-save prints it: the rules of each chain, in order. */
export type SavedTable = ReadonlyMap<string, readonly FoundRule[]>;

/** Chains of redirections begin so; the rest is the redirection's name. */
export const CHAIN_PREFIX = "SPS-R-";

/** The chain that every packet entering the router passes first. */
export const ENTRY_CHAIN = "PREROUTING";

/** Reads the output of `iptables-save -c -t mangle`. */
export function parseSavedTable(output: string): SavedTable {
  const chains = new Map<string, FoundRule[]>();
  for (const line of output.split("\n")) {
    const declared = /^:(\S+) /.exec(line)?.[1];
    if (declared !== undefined) chains.set(declared, chains.get(declared) ?? []);
    const found = /^(?:\[(\d+):(\d+)\] )?-A (\S+) ?(.*)$/.exec(line);
    if (!found) continue;
    const [, packets = "0", bytes = "0", chain = "", text = ""] = found;
    const rules = chains.get(chain) ?? [];
    rules.push({ text, rule: parseRule(text), packets: Number(packets), bytes: Number(bytes) });
    chains.set(chain, rules);
  }
  return chains;
}

/** The names of all redirections that have a chain in the table. */
export function redirectionsIn(table: SavedTable): string[] {
  return [...table.keys()]
    .filter((chain) => chain.startsWith(CHAIN_PREFIX))
    .map((chain) => chain.slice(CHAIN_PREFIX.length));
}

/** The rules that send packets into a chain, with the chain they stand in. */
export function jumpsTo(table: SavedTable, target: string): { chain: string; index: number; found: FoundRule }[] {
  return [...table].flatMap(([chain, rules]) =>
    rules.map((found, index) => ({ chain, index, found })).filter(({ found }) => targetChain(found) === target),
  );
}

/** The chain a rule goes on in, understood or not; undefined for rules without such a target. */
export function targetChain(found: FoundRule): string | undefined {
  if (found.rule) return found.rule.target.kind === "jump" ? found.rule.target.chain : undefined;
  return /(?:^| )-[jg] (\S+)/.exec(found.text)?.[1];
}
