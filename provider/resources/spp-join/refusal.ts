import { SafeguardError } from "../../core/errors";

/** What decides whether a join may be deleted. */
export interface Deletion {
  /** Address of SPS. */
  sps: string;
  /** Address of SPP. */
  spp: string;
  onDelete: "refuse" | "forget" | "unlink";
  /** Whether the acknowledgement accepts that deleting disconnects the node. */
  disconnects: boolean;
  /** The URN of the join, where it is known. */
  urn: string | undefined;
  /** Present when the guard of the join is deleted: its URN, where that is known. */
  guard?: { urn: string | undefined } | undefined;
}

/** The refusal to delete a join or its guard; undefined when `onDelete` and the acknowledgement allow it. */
export function deletionRefusal({ sps, spp, onDelete, disconnects, urn, guard }: Deletion): SafeguardError | undefined {
  if (onDelete === "forget" || (onDelete === "unlink" && disconnects)) return undefined;
  // The program says nothing any more of what it calls by another name, so no input can allow the deletion.
  const drop = (record: string) => `\`pulumi state delete --force --target-dependents '${record}'\``;
  const renamed = urn === undefined ? "" : `; after a rename, drop the old record with ${drop(urn)}`;
  const alone = guard?.urn === undefined ? "" : `; to drop the guard alone, run ${drop(guard.urn)}`;
  return new SafeguardError({
    code: "SG2118",
    object: `sps ${sps}`,
    step: guard ? "delete join guard" : "delete join",
    cause: `the join to spp ${spp} cannot be undone${guard ? ", and its guard is deleted only with it" : ""}; nothing was sent`,
    remedy: `to drop only the record, set onDelete: "forget" and protect: false; to disconnect the node on SPP, set onDelete: "unlink", disconnects: true in acknowledge, and protect: false; run pulumi up, then delete${renamed}${alone}`,
  });
}
