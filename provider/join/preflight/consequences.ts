import { ownNode } from "../../sps/cluster";
import { isKnownAs } from "../sides";
import { entryOf } from "./entry";
import { valueOf } from "./fact";
import type { Facts } from "./facts";

/** What the join would do to others, as far as it is known. */
export interface Found {
  /** Open access requests seen on SPP; all are closed. */
  openRequests: number;
  /** Names of objects on SPS that are overwritten. */
  overwrites: string[];
  /** Whether the recorded join has to be made anew: SPP knows the node under an address that is no longer its own, or another address of SPP is wanted. */
  isRejoinDue: boolean;
}

/** Tells what the join would do. Pure. */
export function consequencesOf(facts: Facts): Found {
  const isRejoinDue = facts.rejoin !== undefined && (facts.rejoin.isSppMoved || isNodeMoved(facts));
  const entry = entryOf(facts);
  const isRequestDue = isRejoinDue || !entry?.row.isConnected;
  const objects = valueOf(facts.sps.defaults)?.objects ?? [];
  return {
    openRequests: isRequestDue ? (valueOf(facts.spp.openRequests) ?? 0) : 0,
    overwrites: entry ? [] : [...new Set(objects.map(({ name }) => name))].sort(),
    isRejoinDue,
  };
}

/** In doubt it has moved: a person is asked rather than not. */
function isNodeMoved(facts: Facts): boolean {
  const row = entryOf(facts)?.row;
  const cluster = valueOf(facts.sps.cluster);
  const own = [cluster && ownNode(cluster)?.address, valueOf(facts.sps.info)?.hostName];
  return row === undefined || !isKnownAs(row.addresses, own);
}
