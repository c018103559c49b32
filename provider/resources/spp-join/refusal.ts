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
}

/** The refusal to delete a join; undefined when `onDelete` and the acknowledgement allow it. */
export function deletionRefusal({ sps, spp, onDelete, disconnects, urn }: Deletion): SafeguardError | undefined {
  if (onDelete === "forget" || (onDelete === "unlink" && disconnects)) return undefined;
  // The program says nothing any more of what it calls by another name, so no input can allow the deletion.
  const drop = `pulumi state delete --force --target-dependents '${urn}'`;
  const renamed = urn === undefined ? "" : `; after a rename, drop the old record with \`${drop}\``;
  return new SafeguardError({
    code: "SG2118",
    object: `sps ${sps}`,
    step: "delete join",
    cause: `the join to spp ${spp} cannot be undone; nothing was sent`,
    remedy: `to drop only the record, set onDelete: "forget" and protect: false; to disconnect the node on SPP, set onDelete: "unlink", disconnects: true in acknowledge, and protect: false; run pulumi up, then delete${renamed}`,
  });
}
