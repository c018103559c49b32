import { withDbRetry } from "@dbos-inc/dbos-sdk/internal/system_database";
import type { Pool } from "pg";
import { beginChange, endChange, forgetChange, hasBegun, restUntil } from "../database/changes";
import { readHalt } from "../database/journal";
import { didNothing, type SiteResult, type SiteRun } from "../machine/events";
import { type Halt, isHalted } from "../machine/halt";
import { StepLeft, waitUnlessLeft } from "./runs-in-work";

/** The change of a site whose turn at its SPP has come. */
export interface Turn {
  rollout: string;
  /** The id of its workflow. */
  workflow: string;
  run: SiteRun;
  spp: string;
  coolDownSeconds: number;
}

/** Gives why a change must not start any more. Undefined when it may; that it begins is recorded then. */
export type MayStart = () => Promise<string | undefined>;

/**
 * Makes a change in its turn. It may have waited for hours behind other rollouts, or for a new worker, and it may wait again for the lock of its
 * stack: so it is asked whether it may still start before its first wait and right before it starts.
 *
 * A change that began in a process that died is handed on at once, because the work has to look for what that process has left. It is
 * never reported as one of which nothing was done. @throws StepLeft when the worker stops while it waits
 */
export async function inTurn(
  pool: Pool,
  turn: Turn,
  leave: AbortSignal,
  work: (mayStart: MayStart) => Promise<SiteResult>,
): Promise<{ startedAt: number; result: SiteResult }> {
  const { workflow, spp } = turn;
  const isInterrupted = await withDbRetry(() => hasBegun(pool, workflow));
  if (!isInterrupted) {
    await restOfSpp(pool, turn, leave);
    const refusal = await refusalOf(pool, turn);
    if (refusal !== undefined) return { startedAt: Date.now(), result: { outcome: "deferred", message: refusal } };
  }
  const startedAt = Date.now();
  const mayStart = async () => {
    const refusal = await refusalOf(pool, turn);
    if (refusal === undefined) await withDbRetry(() => beginChange(pool, { run: workflow, spp }));
    return refusal;
  };
  const isNothing = (result: SiteResult) => !isInterrupted && didNothing(result);
  try {
    const result = await work(mayStart);
    await withDbRetry(() => (isNothing(result) ? forgetChange(pool, workflow) : endChange(pool, workflow)));
    return { startedAt, result: isInterrupted ? interrupted(result) : result };
  } catch (error) {
    if (error instanceof StepLeft && !isInterrupted) await withDbRetry(() => forgetChange(pool, workflow));
    throw error;
  }
}

/** Waits until the SPP has rested since the latest change of any rollout. */
async function restOfSpp(pool: Pool, { spp, coolDownSeconds }: Turn, leave: AbortSignal): Promise<void> {
  for (;;) {
    const rest = coolDownSeconds > 0 ? await withDbRetry(() => restUntil(pool, spp, coolDownSeconds)) : 0;
    const wait = rest - Date.now();
    if (wait <= 0) return;
    await waitUnlessLeft(wait, leave);
  }
}

async function refusalOf(pool: Pool, { rollout, run: { site, startBy } }: Turn): Promise<string | undefined> {
  const halt = await withDbRetry(() => readHalt(pool, rollout));
  if (halt !== undefined && isHalted(halt, site)) return `not started: ${CAUSES[halt.kind]} while the site waited`;
  if (startBy !== undefined && Date.now() > startBy)
    return "not started: the window of its wave closes too soon for a change and its rollback";
  return undefined;
}

const CAUSES: Record<Halt["kind"], string> = {
  cancelled: "the rollout was cancelled",
  stopped: "a failure stopped the rollout",
  paused: "the rollout was paused",
  changed: "program or definition changed",
  failures: "failures held the rollout",
};

/** What is reported of a change that was interrupted and then not repeated. An outdated one is a failure already. */
function interrupted(result: SiteResult): SiteResult {
  if (!didNothing(result)) return result;
  const why = result.message ?? "not repeated: program or definition changed";
  if (result.outcome === "outdated") return { ...result, message: `interrupted, and not repeated: ${why}` };
  return {
    outcome: "unknown",
    message: `interrupted, and ${why.replace("not started", "not repeated")}; retry the site`,
  };
}
