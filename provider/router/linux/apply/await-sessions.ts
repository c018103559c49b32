import { setTimeout as pause } from "node:timers/promises";
import type { RouterConnection } from "../../../core/connection";
import type { OperationContext } from "../../../core/context";
import { messageOf, SafeguardError } from "../../../core/errors";
import { withSession } from "../../guard/session/connect";
import type { ShellSession } from "../../guard/session/shell-session";
import type { PlatformContext } from "../../platform";
import type { RemovalOptions } from "../../removal";
import { countingText, parseCounts, removedHops } from "../drain/draining";
import type { NextHop } from "../model/next-hops";
import type { PlanContext } from "../plan/decision";

/** The pauses between two counts in seconds; the last one repeats. */
const PAUSES_SECONDS = [0.5, 1, 2, 5, 10, 30];

/** How long connections that are being opened are awaited too, in seconds: those to an SPS that does not answer never open. */
const OPENING_SECONDS = 5;

type Counting = Pick<ShellSession, "object" | "run">;

/**
 * The next hops that a change removes and whose sessions should end first; none unless draining is enabled. A next hop without
 * sessions is among them, because clients may connect until the change is made.
 * @throws SafeguardError SG3101 when the router cannot count sessions
 */
export async function drainingHops(
  session: Counting,
  removal: RemovalOptions,
  plan: PlanContext,
  context: OperationContext,
): Promise<NextHop[]> {
  if (removal.connections !== "drain") return [];
  const { hops, reasons } = removedHops(plan);
  for (const reason of reasons) context.log.warn(`${session.object}: ${reason}`);
  await countSessions(hops, session, false);
  return hops;
}

/**
 * Waits until no session uses these next hops any more, or the time limit is over. Between two counts the router is
 * unlocked for other runs. A failed count is repeated.
 * @throws the abort reason on cancel
 */
export async function awaitSessions(
  router: RouterConnection,
  hops: readonly NextHop[],
  { drainSeconds }: RemovalOptions,
  object: string,
  context: PlatformContext,
): Promise<void> {
  const start = performance.now();
  const end = start + drainSeconds * 1000;
  let text = "";
  let told = "";
  for (let count = 0; ; count += 1) {
    const isOpening = performance.now() - start < OPENING_SECONDS * 1000;
    const counted = await withSession(router, context, (session) => countSessions(hops, session, isOpening)).catch(
      (error: unknown) => {
        context.signal.throwIfAborted();
        context.log.status(`${object}: sessions could not be counted: ${messageOf(error)}`);
      },
    );
    if (counted?.size === 0) return context.log.info(`${object}: all sessions have ended`);
    if (counted) text = [...counted].map(([hop, number]) => `${number} through SPS ${hop.gateway}`).join(", ");
    const left = end - performance.now();
    if (left <= 0) return context.log.warn(`${object}: sessions are cut after ${drainSeconds} s: ${text || "unknown"}`);
    const seconds = PAUSES_SECONDS[Math.min(count, PAUSES_SECONDS.length - 1)] ?? 30;
    // A log without a terminal keeps each line.
    if (text !== told || seconds >= 10) {
      context.log.status(`${object}: waiting for the end of sessions: ${text}; ${Math.ceil(left / 1000)} s left`);
    }
    told = text;
    await pause(Math.min(seconds * 1000, left), undefined, { signal: context.signal });
  }
}

/** The number of established sessions by next hop, on request with those that are being opened; without zeros. */
async function countSessions(
  hops: readonly NextHop[],
  session: Counting,
  isOpening: boolean,
): Promise<Map<NextHop, number>> {
  if (hops.length === 0) return new Map();
  const step = "count sessions";
  const { stdout } = await session.run(countingText(hops.map(({ mark }) => mark)), step);
  const counts = parseCounts(stdout);
  if (!counts) {
    const cause = "the router does not list its tracked connections, so sessions cannot be drained";
    const remedy = "install conntrack on the router, or set removal.connections to cut";
    throw new SafeguardError({ code: "SG3101", object: session.object, step, cause, remedy });
  }
  const number = (hop: NextHop) => {
    const { established = 0, opening = 0 } = counts.get(hop.mark) ?? {};
    return established + (isOpening ? opening : 0);
  };
  return new Map(hops.map((hop) => [hop, number(hop)] as const).filter(([, count]) => count > 0));
}
