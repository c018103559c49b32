import { withDbRetry } from "@dbos-inc/dbos-sdk/internal/system_database";
import type { Pool } from "pg";
import { operatorStop, restUntil } from "../database/changes";
import type { SiteRun } from "../machine/events";
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
  const stop = await withDbRetry(() => operatorStop(pool, rollout));
  if (stop !== undefined) return `not started: the rollout was ${stop} while the site waited for its SPP`;
  if (run.startBy !== undefined && Date.now() > run.startBy)
    return "not started: the change no longer fits into the window of its wave after the wait for its SPP";
  return undefined;
}
