import { ownNode } from "../../sps/cluster";
import { isKnownAs, ownNamesFor } from "../sides";
import { entryOf } from "./entry";
import { type Fact, isRead, valueIfRead } from "./fact";
import type { Facts } from "./facts";

/** What the join would do to others, as far as it is known. */
export interface Found {
  /** Open access requests seen on SPP; all are closed. */
  openRequests: number;
  /** Names of objects on SPS that are overwritten. */
  overwrites: string[];
  /** Whether the recorded join has to be made anew: SPP knows the node under an address that is no longer its own, or another address of SPP is wanted. */
  isRejoinDue: boolean;
  /** What of all this could not be read, and why; an account's lack of rights apart, which another look would not end. */
  unread: string[];
}

/** Tells what the join would do. Pure. */
export function consequencesOf(facts: Facts): Found {
  const isRejoinDue = facts.rejoin !== undefined && (facts.rejoin.isSppMoved || isNodeMoved(facts));
  const entry = entryOf(facts);
  const isRequestDue = isRejoinDue || !entry?.row.isConnected;
  const objects = valueIfRead(facts.sps.defaults)?.objects ?? [];
  return {
    openRequests: isRequestDue ? (valueIfRead(facts.spp.openRequests) ?? 0) : 0,
    overwrites: entry ? [] : [...new Set(objects.map(({ name }) => name))].sort(),
    isRejoinDue,
    unread: isRequestDue ? unreadOf(facts, entry === undefined) : [],
  };
}

const FORBIDDEN = ["SG1014", "SG2006"];

function unreadOf({ sps, spp }: Facts, isNew: boolean): string[] {
  const deciding: [what: string, fact: Fact<unknown>][] = [
    ["the cluster of SPS", sps.cluster],
    ["the session appliances of SPP", spp.modules],
    ["the access requests of SPP", spp.openRequests],
  ];
  // What a join with this SPP has made before may be overwritten.
  if (isNew) deciding.push(["the policies and plugins of SPS", sps.defaults]);
  return deciding.flatMap(([what, fact]) =>
    isRead(fact) || FORBIDDEN.includes(fact.code ?? "") ? [] : `${what} (${fact.why})`,
  );
}

/** In doubt it has moved: a person is asked rather than not. */
function isNodeMoved(facts: Facts): boolean {
  const row = entryOf(facts)?.row;
  const cluster = valueIfRead(facts.sps.cluster);
  if (row === undefined) return true;
  const { info, addresses } = facts.sps;
  const address = cluster && ownNode(cluster)?.address;
  const own = ownNamesFor(row.addresses, address, valueIfRead(info)?.hostName, addresses && valueIfRead(addresses));
  return !isKnownAs(row.addresses, own);
}
