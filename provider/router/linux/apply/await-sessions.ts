import { setTimeout as pause } from "node:timers/promises";
import type { RouterConnection } from "../../../core/connection";
import type { OperationContext } from "../../../core/context";
import { messageOf } from "../../../core/errors";
import type { Known } from "../../../core/unknown";
import { routerError } from "../../failures";
import { onRouter } from "../../guard/session/connect";
import type { RemovalOptions } from "../../removal";
import { countingText, leavingHops, parseCounts } from "../drain/draining";
import type { Desired } from "../model/desired";
import type { NextHop } from "../model/next-hops";
import type { Claim } from "../plan/in-the-way";
import type { LinuxSession } from "./linux-session";

/** The pause before sessions are counted again, which grows from the first to the last, in seconds. */
const PAUSES_SECONDS = [0.5, 1, 2, 5, 10, 30];

type Asking = Pick<LinuxSession, "object" | "ask">;

/**
 * The ways to SPS that a change gives up while there are sessions to be awaited; none unless that is asked for.
 * @throws SafeguardError SG3101 when the router cannot tell.
 */
export async function awaitedHops(
  session: Asking,
  removal: RemovalOptions,
  desired: Desired,
  claim: Claim,
  context: OperationContext,
): Promise<NextHop[]> {
  if (removal.connections !== "drain") return [];
  const { hops, reasons } = leavingHops(desired, claim);
  for (const reason of reasons) context.log.warn(`${session.object}: ${reason}`);
  return [...(await sessionsOf(hops, session)).keys()];
}

/**
 * Waits until no session goes through these ways any more, or the time is over. The router is free for others between
 * two looks; a look that fails is repeated.
 * @throws the abort reason's AbortError on cancel.
 */
export async function awaitSessions(
  router: Known<RouterConnection>,
  hops: readonly NextHop[],
  { drainSeconds }: RemovalOptions,
  object: string,
  context: OperationContext,
): Promise<void> {
  const end = performance.now() + drainSeconds * 1000;
  let text = "";
  for (let look = 0; ; look += 1) {
    const looked = await onRouter(router, context, (session) => sessionsOf(hops, session)).catch((error: unknown) => {
      context.signal.throwIfAborted();
      context.log.status(`${object}: sessions could not be counted: ${messageOf(error)}`);
    });
    if (looked?.size === 0) return context.log.info(`${object}: all sessions have ended`);
    if (looked) text = [...looked].map(([hop, count]) => `${count} through SPS ${hop.gateway}`).join(", ");
    const left = end - performance.now();
    if (left <= 0) return context.log.warn(`${object}: sessions are cut after ${drainSeconds} s: ${text || "unknown"}`);
    context.log.status(`${object}: awaiting the end of sessions: ${text}; ${Math.ceil(left / 1000)} s left`);
    const seconds = PAUSES_SECONDS[Math.min(look, PAUSES_SECONDS.length - 1)] ?? 30;
    await pause(Math.min(seconds * 1000, left), undefined, { signal: context.signal });
  }
}

/** The established sessions by way to SPS, where there are any. */
async function sessionsOf(hops: readonly NextHop[], session: Asking): Promise<Map<NextHop, number>> {
  if (hops.length === 0) return new Map();
  const step = "count sessions";
  const { stdout } = await session.ask(countingText(hops.map(({ mark }) => mark)), step);
  const counts = parseCounts(stdout);
  if (!counts) {
    const cause = "the router does not tell which connections it tracks, so their end cannot be awaited";
    const remedy = "install conntrack on the router, or set removal.connections to cut";
    throw routerError("missingTool", { object: session.object, step, cause, remedy });
  }
  return new Map(hops.map((hop) => [hop, counts.get(hop.mark) ?? 0] as const).filter(([, count]) => count > 0));
}
