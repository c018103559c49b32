import { setTimeout as pause } from "node:timers/promises";
import type { RouterConnection } from "../../core/connection";
import type { OperationContext } from "../../core/context";
import type { Known } from "../../core/unknown";
import { routerError } from "../../router/failures";
import { countingText, drainingState, leavingHops, parseCounts } from "../../router/linux/draining";
import type { NextHop } from "../../router/linux/next-hops";
import { bringTo, type Wish } from "./bring-to";
import { onRouter } from "./connect";
import type { LinuxSession } from "./linux-session";
import { newProtection } from "./protect";
import { routerObject } from "./ssh-target";

/** The pause before sessions are counted again, which grows from the first to the last, in seconds. */
const PAUSES_SECONDS = [0.5, 1, 2, 5];

/**
 * Awaits the end of the sessions through each SPS that a wish gives up, where it asks for that: new connections pass
 * directly meanwhile. The router is free for others between two looks. Does nothing when there are no sessions.
 * @throws SafeguardError SG3101 when the router cannot tell; whatever `bringTo` throws.
 */
export async function drain(router: Known<RouterConnection>, wish: Wish, context: OperationContext): Promise<void> {
  const { desired, owned, removal } = wish;
  const leaving = removal.connections === "drain" ? leavingHops(desired, owned) : [];
  if (leaving.length === 0) return;
  const object = routerObject(router);
  const isAny = await onRouter(router, context, async (session) => {
    if ((await sessionsOf(leaving, session)).size === 0) return false;
    const between = drainingState(desired, owned, leaving);
    // Nothing new is redirected, so there is nothing to prove about it.
    const probe = { ...wish.probe, path: "off", traffic: "off" } as const;
    const protection = newProtection(wish.windowSeconds);
    await bringTo(session, { ...wish, desired: between, isAdopting: false, probe, protection }, context);
    return true;
  });
  if (!isAny) return;
  const end = performance.now() + removal.drainSeconds * 1000;
  for (let look = 0; ; look += 1) {
    const sessions = await onRouter(router, context, (session) => sessionsOf(leaving, session));
    if (sessions.size === 0) return context.log.info(`${object}: all sessions have ended`);
    const left = end - performance.now();
    const text = [...sessions].map(([hop, count]) => `${count} through SPS ${hop.gateway}`).join(", ");
    if (left <= 0) {
      context.log.warn(`${object}: sessions are cut after ${removal.drainSeconds} s: ${text}`);
      return;
    }
    context.log.status(`${object}: awaiting the end of sessions: ${text}; ${Math.ceil(left / 1000)} s left`);
    const seconds = PAUSES_SECONDS[Math.min(look, PAUSES_SECONDS.length - 1)] ?? 5;
    await pause(Math.min(seconds * 1000, left), undefined, { signal: context.signal });
  }
}

/** The established sessions by way to SPS, where there are any. */
async function sessionsOf(leaving: readonly NextHop[], session: LinuxSession): Promise<Map<NextHop, number>> {
  const { stdout } = await session.ask(countingText(leaving.map(({ mark }) => mark)), "count sessions");
  const counts = parseCounts(stdout);
  if (!counts) {
    const cause = "the router does not tell which connections it tracks, so their end cannot be awaited";
    const remedy = "install conntrack on the router, or set removal.connections to cut";
    throw routerError("missingTool", { object: session.object, step: "count sessions", cause, remedy });
  }
  return new Map(leaving.map((hop) => [hop, counts.get(hop.mark) ?? 0] as const).filter(([, count]) => count > 0));
}
