import { isSameName } from "../../core/names";
import { entryOfNode, type SessionModule } from "../../spp/session-modules";
import { ownNode } from "../../sps/cluster";
import { attemptAt } from "../attempts";
import { COOL_DOWN_SECONDS } from "../cool-down";
import { isKnownAs, ownNamesFor } from "../sides";
import type { Facts } from "./facts";
import { type Fact, isRead, valueIfRead } from "./gathering";

/** Known side effects of the join. */
export interface JoinConsequences {
  /** Number of open access requests seen on SPP; the join closes all of them. */
  openRequests: number;
  /** Names of SPS objects that the join overwrites. */
  overwrites: string[];
  /** Id of SPP's entry when the node is joined already and no request is due; undefined otherwise. */
  joinedAs: number | undefined;
  /** Whether the recorded join is removed and re-created, because the node or SPP has another address now. */
  isRejoinDue: boolean;
  /** Facts that could not be read, and why. Missing rights are left out, because a retry would not help. */
  unread: string[];
}

export function consequencesOf(facts: Facts): JoinConsequences {
  const isRejoinDue = facts.rejoin !== undefined && (facts.rejoin.isSppMoved || isNodeMoved(facts));
  const entry = entryOf(facts);
  const isRequestDue = isRejoinDue || !entry?.row.isConnected;
  const objects = valueIfRead(facts.sps.defaults)?.objects ?? [];
  return {
    joinedAs: isRequestDue ? undefined : entry?.row.id,
    openRequests: isRequestDue ? (valueIfRead(facts.spp.openRequests) ?? 0) : 0,
    overwrites: entry || isJoinedElsewhere(facts) ? [] : [...new Set(objects.map(({ name }) => name))].sort(),
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
  // The join may overwrite objects of an earlier join with this SPP.
  if (isNew) deciding.push(["the policies and plugins of SPS", sps.defaults]);
  return deciding.flatMap(([what, fact]) =>
    isRead(fact) || FORBIDDEN.includes(fact.code ?? "") ? [] : `${what} (${fact.why})`,
  );
}

/** If in doubt, the node counts as moved, so that the acknowledgement is demanded. */
function isNodeMoved(facts: Facts): boolean {
  const row = entryOf(facts)?.row;
  const cluster = valueIfRead(facts.sps.cluster);
  if (row === undefined) return true;
  const { info, addresses } = facts.sps;
  const address = cluster && ownNode(cluster)?.address;
  const own = ownNamesFor(row.addresses, address, valueIfRead(info)?.hostName, addresses && valueIfRead(addresses));
  return !isKnownAs(row.addresses, own);
}

/** Node id of this cluster on SPP; undefined while it is unknown. */
export function nodeIdOf({ sps }: Facts): string | undefined {
  const cluster = valueIfRead(sps.cluster);
  return cluster && ownNode(cluster)?.nodeId;
}

/** Whether the node is in no cluster, and is promoted later in the same update. */
export function isPromotionDue({ promotion, sps }: Facts): boolean {
  const [info, cluster] = [valueIfRead(sps.info), valueIfRead(sps.cluster)];
  return promotion !== undefined && info?.roles.length === 0 && cluster?.nodes.length === 0;
}

/**
 * Whether SPS reports another SPP or has the objects of a join (plugins, and policies that use them), and this SPP does not list the node.
 * SPS cannot leave a join, so it counts as joined to another SPP unless it reports this one.
 */
export function isJoinedElsewhere(facts: Facts): boolean {
  const objects = valueIfRead(facts.sps.defaults)?.objects ?? [];
  const plugins = objects.filter(({ list }) => list.startsWith("/api/configuration/plugins/"));
  const areOfJoin = plugins.length > 0 && plugins.length < objects.length;
  const isJoined = areOfJoin || valueIfRead(facts.sps.joinedSpp) !== undefined;
  return isJoined && isRead(facts.spp.modules) && !entryOf(facts) && !isJoinedHere(facts);
}

/** Whether the node was joined to this SPP: SPS reports one of its addresses or names, or reports none and the join is recorded. */
export function isJoinedHere({ sps, spp, recordedSppId }: Facts): boolean {
  const members = valueIfRead(spp.members) ?? [];
  const reported = valueIfRead(sps.joinedSpp);
  if (reported !== undefined) {
    const names = [spp.address, ...(valueIfRead(spp.resolved) ?? []), ...(valueIfRead(spp.certificate)?.names ?? [])];
    return [...names, ...members.map(({ ipv4Address }) => ipv4Address)].some((name) => isSameName(name, reported));
  }
  const ids = [valueIfRead(spp.status)?.applianceId, ...members.map(({ applianceId }) => applianceId)];
  return recordedSppId !== undefined && ids.some((id) => isSameName(id, recordedSppId));
}

/** SPP's entry for this node and its age by SPP's own clock, in milliseconds. */
export function entryOf(facts: Facts): { row: SessionModule; ageMilliseconds: number | undefined } | undefined {
  const nodeId = nodeIdOf(facts);
  const row = nodeId === undefined ? undefined : entryOfNode(valueIfRead(facts.spp.modules) ?? [], nodeId);
  if (!row) return undefined;
  const createdAt = Date.parse(row.createdDate);
  return { row, ageMilliseconds: Number.isNaN(createdAt) ? undefined : nowOf(facts) - createdAt };
}

/** Age of a join request with an unknown outcome, by SPP's own clock, in milliseconds. */
export function attemptAgeOf(facts: Facts): number | undefined {
  const [nodeId, applianceId] = [nodeIdOf(facts), valueIfRead(facts.spp.status)?.applianceId];
  if (nodeId === undefined || applianceId === undefined) return undefined;
  const at = attemptAt(facts.attempts, nodeId, applianceId);
  return at === undefined ? undefined : nowOf(facts) - at;
}

function nowOf(facts: Facts): number {
  return valueIfRead(facts.spp.status)?.now ?? facts.gatheredAt;
}

/** Time for which an unfinished join blocks another one, in milliseconds. */
export const COOL_DOWN_MILLISECONDS = COOL_DOWN_SECONDS * 1000;

/** Whether the join behind an entry of this age may still be running. Small clock differences are tolerated. */
export function isRecent(ageMilliseconds: number | undefined): ageMilliseconds is number {
  return ageMilliseconds !== undefined && Math.abs(ageMilliseconds) < COOL_DOWN_MILLISECONDS;
}

/** Where SPP shows its entries of SPS. */
export const ON_SPP = "Appliance Management > Cluster > Session Appliances on SPP";

/**
 * What ends a join that never ended: without its entry, objects that SPS has made already look like those of a join with another
 * SPP. Objects of a join that works are left alone.
 * @param next the last step, after the entry is removed
 */
export function entryRemoval(facts: Facts, next: string): string {
  const reported = valueIfRead(facts.sps.joinedSpp);
  const entry = `remove the entry at ${ON_SPP}`;
  if (reported !== undefined && !isJoinedHere(facts)) {
    return `${entry}, leave the safeguard_default objects on SPS, and point spp.address at ${reported}, which SPS is joined to`;
  }
  if ((valueIfRead(facts.sps.defaults)?.objects ?? []).length === 0) return `${entry}, then ${next}`;
  // Only the objects of a join that SPS does not report may be those of another SPP.
  const objects = reported === undefined ? ", unless SPS is joined to another SPP," : "";
  return `${entry} and${objects} the safeguard_default objects on SPS, then ${next}`;
}
