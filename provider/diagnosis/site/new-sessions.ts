import { setTimeout as pause } from "node:timers/promises";
import type { ApplianceConnection } from "../../core/connection";
import type { OperationContext } from "../../core/context";
import { type Fact, Gathering, isRead, valueIfRead } from "../../join/preflight/gathering";
import { SpsClient } from "../../sps/client";
import { type LiveSessions, readLiveSessions } from "../../sps/live-sessions";
import { readMemberReports } from "../../sps/member-reports";
import { countRecordedSessions } from "../../sps/recorded-sessions";
import type { DiagnosisLimits } from "./inputs";

/** Sessions of clients that began at SPS while it was watched. */
export interface NewSessions {
  count: number;
  /** How long SPS was watched, in seconds: up to the first new session. */
  seconds: number;
  /** Why SPS does not count what it has recorded; absent when it does. Then a session counts only while it is open at a reading. */
  uncounted?: string;
}

/** What SPS tells of sessions at one time. */
export interface SessionReading {
  /** All that it has recorded so far. */
  recorded: Fact<number>;
  own: LiveSessions;
  /** Those of the other nodes at their last report, by node. */
  members: ReadonlyMap<string, LiveSessions>;
}

/** Between two readings, in milliseconds; also keeps the login alive. */
const POLL_MS = 5000;

/**
 * Watches SPS until a session of a client begins, at most for `sessionSeconds`. Changes nothing.
 * @throws the signal's reason when the user cancels
 */
export async function gatherNewSessions(
  sps: ApplianceConnection,
  { limitSeconds, sessionSeconds }: DiagnosisLimits,
  outer: OperationContext,
): Promise<Fact<NewSessions>> {
  const gathering = new Gathering(outer, limitSeconds + sessionSeconds);
  try {
    const client = await gathering.opened(() => SpsClient.open(sps, gathering.context));
    if (!isRead(client)) return client;
    try {
      return await gathering.fact(() => watch(client.value, sessionSeconds, gathering));
    } finally {
      await client.value.close();
    }
  } finally {
    gathering.end();
    outer.signal.throwIfAborted();
  }
}

async function watch(client: SpsClient, seconds: number, gathering: Gathering): Promise<NewSessions> {
  const startedAt = Date.now();
  let before = await readSessions(client, gathering);
  for (;;) {
    const rest = startedAt + seconds * 1000 - Date.now();
    await pause(Math.max(Math.min(POLL_MS, rest), 0), undefined, { signal: gathering.context.signal });
    const after = await readSessions(client, gathering);
    const count = begunBetween(before, after);
    const waited = Date.now() - startedAt;
    if (count > 0 || waited >= seconds * 1000) {
      const { recorded } = after;
      return { count, seconds: Math.round(waited / 1000), ...(!isRead(recorded) && { uncounted: recorded.why }) };
    }
    before = after;
  }
}

async function readSessions(client: SpsClient, gathering: Gathering): Promise<SessionReading> {
  const [recorded, own, reports] = await Promise.all([
    gathering.fact(() => countRecordedSessions(client)),
    readLiveSessions(client),
    // A node that is in no cluster has no members.
    gathering.fact(() => readMemberReports(client)),
  ]);
  const members = (valueIfRead(reports) ?? []).flatMap(({ nodeId, sessions }) =>
    sessions ? [[nodeId, sessions] as const] : [],
  );
  return { recorded, own, members: new Map(members) };
}

/** How many sessions began between two readings, at least: one that began and ended in between shows only in what SPS has recorded. */
export function begunBetween(before: SessionReading, after: SessionReading): number {
  const counted =
    isRead(before.recorded) && isRead(after.recorded) ? Math.max(after.recorded.value - before.recorded.value, 0) : 0;
  const ofMembers = [...after.members].map(([node, sessions]) => growth(before.members.get(node), sessions));
  return Math.max(counted, growth(before.own, after.own)) + ofMembers.reduce((sum, more) => sum + more, 0);
}

/** Of a node that was not read before, nothing is known to be new. */
function growth(before: LiveSessions | undefined, after: LiveSessions): number {
  if (before === undefined) return 0;
  return Object.entries(after).reduce((sum, [name, count]) => sum + Math.max(count - (before[name] ?? 0), 0), 0);
}
