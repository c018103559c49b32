import { withDbRetry } from "@dbos-inc/dbos-sdk/internal/system_database";
import type { Pool } from "pg";
import { restUntil } from "../database/changes";
import { readHalt } from "../database/journal";
import type { SiteRun } from "../machine/events";
import { type Halt, isHalted } from "../machine/halt";
import { waitUnlessLeft } from "./runs-in-work";

/** The change of a site whose turn at its SPP has come. */
export interface Turn {
  rollout: string;
  run: SiteRun;
  spp: string;
  coolDownSeconds: number;
}

/**
 * Waits until the SPP has rested since the latest change of any rollout. Then gives why the change must not start any more; undefined when it may. It
 * may have waited for hours behind other rollouts, or for a new worker. @throws StepLeft when the worker stops while it waits
 */
export async function refusalOfTurn(pool: Pool, turn: Turn, leave: AbortSignal): Promise<string | undefined> {
  const { rollout, run, spp, coolDownSeconds } = turn;
  for (;;) {
    const rest = coolDownSeconds > 0 ? await withDbRetry(() => restUntil(pool, spp, coolDownSeconds)) : 0;
    const wait = rest - Date.now();
    if (wait <= 0) break;
    await waitUnlessLeft(wait, leave);
  }
  const halt = await withDbRetry(() => readHalt(pool, rollout));
  if (halt !== undefined && isHalted(halt, run.site))
    return `not started: ${CAUSES[halt.kind]} while the site waited for its SPP`;
  if (run.startBy !== undefined && Date.now() > run.startBy)
    return "not started: the change no longer fits into the window of its wave after the wait for its SPP";
  return undefined;
}

const CAUSES: Record<Halt["kind"], string> = {
  cancelled: "the rollout was cancelled",
  stopped: "a failure stopped the rollout",
  paused: "the rollout was paused",
  changed: "program or definition changed",
  failures: "failures held the rollout",
};
