import { z } from "zod";
import { jumpRule } from "../model/desired";
import { printRule } from "../model/rule";
import { CHAIN_PREFIX, ENTRY_CHAIN, type FoundRule, type Jump, type SavedTable } from "../model/saved-table";
import { countOf, meaningOf, type NftObject, nftChain, nftRule } from "./nft-json";

/** The chain in the table of a redirection. */
export const NFT_CHAIN = "prerouting";

/** The hook of the chain: right after the mangle tables, so that foreign marks come first and do not overwrite ours. */
export const NFT_HOOK = { type: "filter", hook: "prerouting", prio: -149, policy: "accept" } as const;

/** Begins the line of a table that could not be listed. */
const UNLISTED = '{"unlisted":';

const listing = z.looseObject({ nftables: z.array(z.record(z.string(), z.unknown())) });

const nftTable = z.looseObject({ family: z.string(), name: z.string(), flags: z.unknown().optional() });

/**
 * Parses outputs of `nft -j list`, one a line, into tables by family and name, such as `ip mangle`. Throws when the
 * output is not such JSON.
 */
export function parseNftListings(text: string): Map<string, NftObject[]> {
  const tables = new Map<string, NftObject[]>();
  for (const line of text.split("\n").filter((one) => one.trim() !== "" && !one.startsWith(UNLISTED))) {
    const objects = listing.parse(JSON.parse(line)).nftables.filter((object) => !("metainfo" in object));
    const [first] = objects;
    const table = nftTable.safeParse(first?.table);
    if (table.success) tables.set(`${table.data.family} ${table.data.name}`, objects);
  }
  return tables;
}

/** The tables that could not be listed, by family and name. */
export function unlistedTables(text: string): string[] {
  const lines = text.split("\n").filter((line) => line.startsWith(UNLISTED));
  return lines.map((line) => String((JSON.parse(line) as { unlisted: unknown }).unlisted));
}

/** The tables of redirections by name. */
export function ownTables(listed: ReadonlyMap<string, NftObject[]>): Map<string, NftObject[]> {
  const prefix = `ip ${CHAIN_PREFIX}`;
  return new Map([...listed].flatMap(([key, objects]) => (key.startsWith(prefix) ? [[key.slice(3), objects]] : [])));
}

/** Whether a listed table has a chain of a redirection, as the mangle table of iptables has. */
export function holdsRedirection(objects: readonly NftObject[]): boolean {
  return objects.some((object) => nftChain.safeParse(object.chain).data?.name.startsWith(CHAIN_PREFIX));
}

/**
 * The tables of redirections in iptables terms: the table name becomes the chain name, and the hook becomes the jump.
 * Foreign additions to such a table appear as rules that are not understood.
 */
export function savedTableOf(listed: ReadonlyMap<string, readonly NftObject[]>): SavedTable {
  const chains = new Map<string, FoundRule[]>();
  const jumps = new Map<string, Jump[]>();
  for (const [name, objects] of listed) {
    chains.set(
      name,
      objects.flatMap((object) => foundRules(object)),
    );
    jumps.set(
      name,
      objects.flatMap((object) => foundHook(object, name)),
    );
  }
  return { chains, jumps };
}

function foundRules(object: NftObject): FoundRule[] {
  const table = nftTable.safeParse(object.table);
  if (table.success && table.data.flags === undefined) return [];
  const chain = nftChain.safeParse(object.chain);
  if (chain.success && chain.data.name === NFT_CHAIN) return [];
  const rule = nftRule.safeParse(object.rule);
  if (!rule.success) return [unknownRule(object)];
  const meaning = rule.data.chain === NFT_CHAIN ? meaningOf(rule.data) : undefined;
  return [
    { ...unknownRule(object), ...(meaning && { text: printRule(meaning), rule: meaning }), ...countOf(rule.data) },
  ];
}

function unknownRule(object: NftObject): FoundRule {
  const [[kind, body] = ["", {}]] = Object.entries(object);
  const { handle, ...shown } = body as Record<string, unknown>;
  return { text: `nft ${kind} ${JSON.stringify(shown)}`, packets: 0, bytes: 0 };
}

function foundHook(object: NftObject, name: string): Jump[] {
  const chain = nftChain.safeParse(object.chain);
  if (!chain.success || chain.data.name !== NFT_CHAIN || chain.data.hook === undefined) return [];
  const { type, hook, prio, policy } = chain.data;
  const isRight = JSON.stringify({ type, hook, prio, policy }) === JSON.stringify(NFT_HOOK);
  const jump = jumpRule(name);
  const text = isRight ? printRule(jump) : `nft hook ${hook} type ${type} priority ${prio} policy ${policy}`;
  return [{ chain: ENTRY_CHAIN, found: { text, ...(isRight && { rule: jump }), packets: 0, bytes: 0 }, before: [] }];
}
