import { type MangleRule, parseRule, printRule } from "./rule";

/** One rule as found on the router. */
export interface FoundRule {
  /** The rule without `-A` and chain, as the router prints it. */
  text: string;
  /** Its meaning; absent when any part is not understood, as in rules of other programs. */
  rule?: MangleRule;
  packets: number;
  bytes: number;
}

/** A rule that sends packets on into another chain. */
export interface Jump {
  /** The chain it stands in. */
  chain: string;
  found: FoundRule;
  /** Rules of others before it in the entry chain that may keep packets from reaching it. */
  before: readonly FoundRule[];
}

/** The chains of redirections and what leads into them, in the terms of iptables. */
export interface SavedTable {
  /** The rules of each chain, in order. */
  chains: ReadonlyMap<string, readonly FoundRule[]>;
  /** The rules that lead into a chain, by its name, in order. */
  jumps: ReadonlyMap<string, readonly Jump[]>;
}

/** Chains of redirections begin so; the rest is the redirection's name. */
export const CHAIN_PREFIX = "SPS-R-";

/** The chain that every packet entering the router passes first. */
export const ENTRY_CHAIN = "PREROUTING";

/** Targets after which a packet sees no later rule of the chain. */
export const ENDING_TARGETS = ["ACCEPT", "DROP", "RETURN", "QUEUE", "NFQUEUE", "TPROXY", "REJECT"];

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
    const rule = parseRule(text);
    rules.push({ text, ...(rule && { rule }), packets: Number(packets), bytes: Number(bytes) });
    chains.set(chain, rules);
  }
  return { chains, jumps: jumpsIn(chains) };
}

/** The names of all redirections that have a chain in the table. */
export function redirectionsIn(table: SavedTable): string[] {
  const names = [...table.chains.keys()].filter((chain) => chain.startsWith(CHAIN_PREFIX));
  return names.map((chain) => chain.slice(CHAIN_PREFIX.length));
}

/** A found rule in canonical spelling where it is understood, else as the router prints it. */
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

/** The names of chains that packets may come into from these, themselves among them; chains of redirections are left out. */
export function reachedFrom(entries: readonly string[], { chains }: Pick<SavedTable, "chains">): ReadonlySet<string> {
  const reached = new Set(entries);
  for (const chain of reached) {
    for (const found of chains.get(chain) ?? []) {
      const target = targetOf(found);
      if (target !== undefined && chains.has(target) && !target.startsWith(CHAIN_PREFIX)) reached.add(target);
    }
  }
  return reached;
}

/** What a rule hands the packet to, understood or not: a chain, or an extension such as ACCEPT or MARK. */
function targetOf(found: FoundRule): string | undefined {
  if (found.rule) return found.rule.target.kind === "jump" ? found.rule.target.chain : undefined;
  return /(?:^| )-[jg] (\S+)/.exec(found.text)?.[1];
}
