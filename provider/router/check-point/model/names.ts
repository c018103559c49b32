import { createHash } from "node:crypto";
import { type Owner, stackOf } from "../../owner";

/** What a PBR table of a redirection is for: the next hop, or to reject packets while the next hop is missing. */
export type TableRole = "hop" | "stop";

/** What the name of a table says. PBR has no comments, so the name also records the owner. */
export interface TableName {
  redirection: string;
  role: TableRole;
  ownerId: string;
  /** Hash of the owner's URN and of its stack; empty where the owner has no URN. */
  ownerHash: string;
  /** Counts up with each change, because the new table exists beside the old one for a moment. */
  generation: number;
}

/** Names have letters and digits only. Those of redirections are in lower case, so capitals separate the parts. */
const TABLE_NAME = /^SPS([a-z][a-z0-9Z]{0,19})O([0-9a-f]{0,12})U([0-9a-f]{16})?N([1-9]\d{0,4})(C?)$/;

/** Name of a table: `SPSrdpO0123456789abU0123456789abcdefN1`, with `C` at the end to reject packets. */
export function tableName({ redirection, role, ownerId, ownerHash, generation }: TableName): string {
  const name = redirection.replaceAll("-", "Z");
  return `SPS${name}O${ownerId}U${ownerHash}N${generation}${role === "stop" ? "C" : ""}`;
}

/** The parts of the name of a table; undefined for tables of others. */
export function parseTableName(name: string): TableName | undefined {
  const [, redirection, ownerId, ownerHash = "", generation, stop] = TABLE_NAME.exec(name) ?? [];
  if (redirection === undefined || ownerId === undefined) return undefined;
  return {
    redirection: redirection.replaceAll("Z", "-"),
    role: stop === "C" ? "stop" : "hop",
    ownerId,
    ownerHash,
    generation: Number(generation),
  };
}

/** The part of a table's name that records the URN of an owner. */
export function ownerHashOf({ urn }: Owner): string {
  return urn === undefined ? "" : hash(urn) + hash(stackOf(urn));
}

/** The owner that a table records. Its URN is known as far as it is that of `own`, or of the same stack. */
export function ownerOf({ ownerId: id, ownerHash }: TableName, own: Owner | undefined): Owner {
  if (own?.urn === undefined || ownerHash === "") return { id };
  if (ownerHash === ownerHashOf(own)) return { id, urn: own.urn };
  const isSameStack = ownerHash.slice(8) === hash(stackOf(own.urn));
  return { id, ...(isSameStack && { urn: `${stackOf(own.urn)}::::(id ${id})` }) };
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}
