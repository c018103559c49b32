import { isSameName } from "../../core/names";
import type { SessionModuleRow } from "../../spp/appliance-reads";
import { ownNode } from "../../sps/cluster";
import { attemptAt } from "../attempts";
import { COOL_DOWN_SECONDS } from "../cool-down";
import { valueIfRead } from "./fact";
import type { Facts } from "./facts";

/** Node id under which SPP would know this cluster; undefined while it cannot be told. */
export function nodeIdOf({ sps }: Facts): string | undefined {
  const cluster = valueIfRead(sps.cluster);
  return cluster && ownNode(cluster)?.nodeId;
}

/** How long an unfinished join stands in the way of another one, in milliseconds. */
export const COOL_DOWN_MILLISECONDS = COOL_DOWN_SECONDS * 1000;

/** SPP's entry for this node, and how old it is by SPP's own clock, in milliseconds. */
export function entryOf(facts: Facts): { row: SessionModuleRow; ageMilliseconds: number | undefined } | undefined {
  const nodeId = nodeIdOf(facts);
  const row = valueIfRead(facts.spp.modules)?.find((candidate) => isSameName(nodeId, candidate.nodeId));
  if (!row || nodeId === undefined) return undefined;
  return { row, ageMilliseconds: row.createdAt === undefined ? undefined : nowOf(facts) - row.createdAt };
}

/** How long ago a join request was sent whose end was not seen, by SPP's own clock, in milliseconds. */
export function attemptAgeOf(facts: Facts): number | undefined {
  const [nodeId, applianceId] = [nodeIdOf(facts), valueIfRead(facts.spp.status)?.applianceId];
  if (nodeId === undefined || applianceId === undefined) return undefined;
  const at = attemptAt(facts.attempts, nodeId, applianceId);
  return at === undefined ? undefined : nowOf(facts) - at;
}

function nowOf(facts: Facts): number {
  return valueIfRead(facts.spp.status)?.now ?? facts.gatheredAt;
}

/** Tells whether an entry is so young that the join behind it may still go on; the clocks may differ a little. */
export function isRecent(ageMilliseconds: number | undefined): ageMilliseconds is number {
  return ageMilliseconds !== undefined && Math.abs(ageMilliseconds) < COOL_DOWN_MILLISECONDS;
}
