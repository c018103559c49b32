import { setTimeout as pause } from "node:timers/promises";
import type { ApplianceConnection } from "../../core/connection";
import type { OperationContext } from "../../core/context";
import { type Fact, Gathering, isRead, valueIfRead } from "../../join/preflight/gathering";
import { SpsClient } from "../../sps/client";
import { type LiveSessions, readLiveSessions } from "../../sps/live-sessions";
import { type MemberReport, readMemberReports } from "../../sps/member-reports";
import { type RecordedSessions, readRecordedSessions } from "../../sps/recorded-sessions";
import type { DiagnosisLimits } from "./inputs";

/** Sessions of clients that began at SPS while it was watched. */
export interface NewSessions {
  /** At least so many. */
  count: number;
  /** How long SPS was watched, in seconds: up to the first new session. */
  seconds: number;
  /** Why SPS did not list what it has recorded; absent when it did. Then a session counts only while it is open at a reading. */
  unlisted?: string;
  /** Whether SPS told nothing of its own sessions either. */
  isBlind: boolean;
}

/** What SPS tells of sessions at one time, as far as it does. */
export interface SessionReading {
  recorded?: RecordedSessions | undefined;
  own?: LiveSessions | undefined;
  /** Those of the other nodes, by node, in reports that were made while SPS was watched. */
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
  const opening = new Gathering(outer, limitSeconds);
  const gathering = new Gathering(outer, limitSeconds + sessionSeconds);
  try {
    const client = await opening.opened(() => SpsClient.open(sps, gathering.context));
    if (!isRead(client)) return client;
    try {
      return await gathering.fact(() => watch(client.value, sessionSeconds, gathering));
    } finally {
      await client.value.close();
    }
  } finally {
    opening.end();
    gathering.end();
    outer.signal.throwIfAborted();
  }
}

async function watch(client: SpsClient, seconds: number, gathering: Gathering): Promise<NewSessions> {
  const startedAt = Date.now();
  let before: SessionReading = { members: new Map() };
  for (let rest = seconds * 1000; ; rest = startedAt + seconds * 1000 - Date.now()) {
    const { unlisted, ...after } = await readSessions(client, gathering, startedAt);
    const count = begunBetween(before, after);
    before = latest(before, after);
    if (count > 0 || rest <= 0) {
      const waited = Math.min(Math.round((Date.now() - startedAt) / 1000), seconds);
      const isBlind = before.recorded === undefined && before.own === undefined;
      return { count, seconds: waited, isBlind, ...(unlisted !== undefined && { unlisted }) };
    }
    await pause(Math.min(POLL_MS, rest), undefined, { signal: gathering.context.signal });
  }
}

async function readSessions(
  client: SpsClient,
  gathering: Gathering,
  startedAt: number,
): Promise<SessionReading & { unlisted?: string }> {
  const [recorded, own, reports] = await Promise.all([
    gathering.fact(() => readRecordedSessions(client)),
    gathering.fact(() => readLiveSessions(client)),
    // A node that is in no cluster has no members.
    gathering.fact(() => readMemberReports(client)),
  ]);
  const isRecent = ({ silentSeconds }: MemberReport) =>
    silentSeconds !== undefined && Date.now() - silentSeconds * 1000 >= startedAt;
  const members = (valueIfRead(reports) ?? []).flatMap((report) =>
    report.sessions && isRecent(report) ? [[report.nodeId, report.sessions] as const] : [],
  );
  return {
    recorded: valueIfRead(recorded),
    own: valueIfRead(own),
    members: new Map(members),
    ...(!isRead(recorded) && { unlisted: recorded.why }),
  };
}

/** What was read last of each part. */
function latest(before: SessionReading, after: SessionReading): SessionReading {
  return {
    recorded: after.recorded ?? before.recorded,
    own: after.own ?? before.own,
    members: new Map([...before.members, ...after.members]),
  };
}

/**
 * How many sessions began between two readings, at least. One that began and ended in between shows only in what SPS has recorded, which may
 * be that of all nodes; of what was not read before, nothing is known to be new.
 */
export function begunBetween(before: SessionReading, after: SessionReading): number {
  const ofMembers = [...after.members].map(([node, sessions]) => growth(before.members.get(node), sessions));
  const open = growth(before.own, after.own) + ofMembers.reduce((sum, more) => sum + more, 0);
  return Math.max(recordedSince(before.recorded, after.recorded), open);
}

/** Beyond its limit of matches, SPS counts no further; the first key changes with each new session. */
function recordedSince(before: RecordedSessions | undefined, after: RecordedSessions | undefined): number {
  // Fewer: old ones were deleted.
  if (!before || !after || after.count < before.count) return 0;
  return Math.max(after.count - before.count, after.first === before.first ? 0 : 1);
}

function growth(before: LiveSessions | undefined, after: LiveSessions | undefined): number {
  if (!before || !after) return 0;
  return Object.entries(after).reduce((sum, [name, count]) => sum + Math.max(count - (before[name] ?? 0), 0), 0);
}
