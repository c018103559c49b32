import { type MangleRule, parseRule, printRule } from "./rule";

/** A rule found on the router. */
export interface FoundRule {
  /** The rule without `-A` and chain, as the router prints it. */
  text: string;
  /** Its meaning; absent when any part is not understood, as in foreign rules. */
  rule?: MangleRule;
  packets: number;
  bytes: number;
}

/** A rule that jumps to another chain. */
export interface Jump {
  /** The chain that contains the jump. */
  chain: string;
  found: FoundRule;
  /** Earlier foreign rules in the entry chain that may keep packets from the jump. */
  before: readonly FoundRule[];
}

/** The chains of redirections and the jumps into them, in iptables terms. */
export interface SavedTable {
  /** The rules of each chain, in order. */
  chains: ReadonlyMap<string, readonly FoundRule[]>;
  /** The jumps into a chain, by its name, in order. */
  jumps: ReadonlyMap<string, readonly Jump[]>;
}

/** The prefix of chain names; the rest is the name of the redirection. */
export const CHAIN_PREFIX = "SPS-R-";

/** The first chain for every packet that enters the router. */
export const ENTRY_CHAIN = "PREROUTING";

/** Targets that end the chain for a packet. */
export const ENDING_TARGETS = ["ACCEPT", "DROP", "RETURN", "QUEUE", "NFQUEUE", "TPROXY", "REJECT"];

/** The tables in the output of `iptables-save`, by name. */
export function savedTables(output: string): ReadonlyMap<string, string> {
  const [, ...parts] = output.split(/^\*(\S+)$/m);
  return new Map(parts.flatMap((name, index) => (index % 2 === 0 ? [[name, parts[index + 1] ?? ""] as const] : [])));
}

/** The tables that iptables does not print, because they hold native nftables rules; it prints a comment instead. */
export function unprintedTables(output: string): string[] {
  return [...output.matchAll(/^# Table .(\w+). is incompatible/gm)].map(([, name = ""]) => name);
}

/** Parses one table in the output of `iptables-save -c`. */
export function parseSavedTable(output: string): SavedTable {
  const chains = new Map<string, FoundRule[]>();
  for (const line of output.split("\n")) {
    const declared = /^:(\S+) /.exec(line)?.[1];
    if (declared !== undefined) chains.set(declared, chains.get(declared) ?? []);
    const found = /^(?:\[(\d+):(\d+)\] )?-A (\S+) ?(.*)$/.exec(line);
    if (!found) continue;
    const [, packets = "0", bytes = "0", chain = "", text = ""] = found;
    const rules = chains.get(chain) ?? [];
    const rule = parseRule(text);
    rules.push({ text, ...(rule && { rule }), packets: Number(packets), bytes: Number(bytes) });
    chains.set(chain, rules);
  }
  return { chains, jumps: jumpsIn(chains) };
}

/** The names of all redirections with a chain in the table. */
export function redirectionsIn(table: SavedTable): string[] {
  const names = [...table.chains.keys()].filter((chain) => chain.startsWith(CHAIN_PREFIX));
  return names.map((chain) => chain.slice(CHAIN_PREFIX.length));
}

/** A found rule in canonical spelling, or as the router prints it when it is not understood. */
export function textOf(found: FoundRule): string {
  return found.rule ? printRule(found.rule) : found.text;
}

/** The jumps into chains of redirections. */
function jumpsIn(chains: ReadonlyMap<string, readonly FoundRule[]>): Map<string, Jump[]> {
  const jumps = new Map<string, Jump[]>();
  for (const [chain, rules] of chains) {
    const before: FoundRule[] = [];
    for (const found of rules) {
      const target = targetOf(found);
      if (target === undefined) continue;
      if (target.startsWith(CHAIN_PREFIX)) {
        jumps.set(target, [...(jumps.get(target) ?? []), { chain, found, before: [...before] }]);
      } else if (chain === ENTRY_CHAIN && (ENDING_TARGETS.includes(target) || chains.has(target))) before.push(found);
    }
  }
  return jumps;
}

/** The target of a rule, understood or not: a chain, or an extension such as ACCEPT or MARK. */
function targetOf(found: FoundRule): string | undefined {
  if (found.rule) return found.rule.target.kind === "jump" ? found.rule.target.chain : undefined;
  return /(?:^| )-[jg] (\S+)/.exec(found.text)?.[1];
}
