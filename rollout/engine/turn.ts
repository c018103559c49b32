import { withDbRetry } from "@dbos-inc/dbos-sdk/internal/system_database";
import type { Pool } from "pg";
import {
  type Begun,
  beginChange,
  changeIsLocked,
  changeWaits,
  type EndedChange,
  endChange,
  forgetChange,
  knownChange,
  restUntil,
} from "../database/changes";
import { readHalt } from "../database/journal";
import { didNothing, type SiteResult, type SiteRun } from "../machine/events";
import { type Halt, isHalted } from "../machine/halt";
import { ownMachine, seesProcessesOf } from "./process-identity";
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

/**
 * Gives why a change must not start any more. Undefined when it may; that it begins is recorded then, with the mark by which its processes
 * are found.
 */
export type MayStart = (mark?: string) => Promise<string | undefined>;

/** What the work of a change gets. */
export interface ChangeInTurn {
  mayStart: MayStart;
  /** Where it began in a process that has died. */
  interrupted: Begun | undefined;
  /** Records what it waits for, for `status`. */
  waitsFor: (text: string) => Promise<void>;
  /** Takes back that it began after the last `mayStart`, because its stack is locked, and records what it waits for. */
  isLocked: (text: string) => Promise<void>;
}

/**
 * Makes a change in its turn. It may have waited for hours behind other rollouts, or for a new worker, and it may wait again for the lock of its
 * stack: so it is asked whether it may still start before its first wait and right before it starts.
 *
 * A change that began in a process that died is handed on at once, because the work has to look for what that process has left. It is
 * never reported as one of which nothing was done. One that ended is not made again. @throws StepLeft when the worker stops while it waits
 */
export async function inTurn(
  pool: Pool,
  turn: Turn,
  leave: AbortSignal,
  work: (change: ChangeInTurn) => Promise<SiteResult>,
): Promise<EndedChange> {
  const { workflow } = turn;
  const found = await withDbRetry(() => knownChange(pool, workflow, turn.rollout));
  const interrupted = found.begun;
  let halt = found.halt;
  // Its process died before the workflow engine recorded the end too.
  if (interrupted?.ended) return interrupted.ended;
  if (!interrupted) {
    const hasWaited = await restOfSpp(pool, turn, leave);
    if (hasWaited) halt = await withDbRetry(() => readHalt(pool, turn.rollout));
    const early = refusalOf(turn, halt);
    if (early !== undefined) return { startedAt: Date.now(), starts: 0, result: deferred(early) };
  }
  const startedAt = Date.now();
  let starts = interrupted?.starts ?? 0;
  // Whether it began in this process, and whether a lock has not taken that back.
  let isRepeated = false;
  let refusal: Refusal | undefined;
  const mayStart: MayStart = async (mark = "") => {
    const begun = await begin(pool, turn, { mark, machine: ownMachine() }, halt);
    refusal = begun.refusal;
    if (refusal === undefined) {
      starts = begun.starts;
      isRepeated = true;
    }
    return refusal && deferred(refusal).message;
  };
  const waitsFor = (text: string) => withDbRetry(() => changeWaits(pool, workflow, text));
  const isLocked = async (text: string) => {
    // Its preview may find the lock, before it is asked whether it may start.
    if (!isRepeated) return waitsFor(text);
    isRepeated = false;
    starts -= 1;
    await withDbRetry(() => changeIsLocked(pool, workflow, text, starts));
  };
  try {
    const made = await work({ mayStart, interrupted, waitsFor, isLocked });
    const isLeftAsItWas = interrupted && (!isRepeated || didNothing(made));
    const result = isLeftAsItWas ? notRepeated(made, refusal, interrupted) : made;
    if (didNothing(result)) await withDbRetry(() => forgetChange(pool, workflow));
    else await withDbRetry(() => endChange(pool, workflow, { startedAt, starts, result }));
    return { startedAt, starts, result };
  } catch (error) {
    if (error instanceof StepLeft && !interrupted) await withDbRetry(() => forgetChange(pool, workflow));
    throw error;
  }
}

/** Waits until the SPP has rested since the latest change of any rollout. False when it had. */
async function restOfSpp(pool: Pool, { spp, coolDownSeconds }: Turn, leave: AbortSignal): Promise<boolean> {
  for (let hasWaited = false; ; hasWaited = true) {
    const rest = coolDownSeconds > 0 ? await withDbRetry(() => restUntil(pool, spp, coolDownSeconds)) : 0;
    const wait = rest - Date.now();
    if (wait <= 0) return hasWaited;
    await waitUnlessLeft(wait, leave);
  }
}

/**
 * Records that a change begins, unless something stops it in the moment of the record. The database may have been away before. What was
 * last known to stop the rollout is read again only when it is not true any more, or stops the change.
 */
async function begin(
  pool: Pool,
  turn: Turn,
  where: Begun,
  known: Halt | undefined,
): Promise<{ starts: number; refusal?: Refusal | undefined }> {
  const { rollout, workflow: run, spp } = turn;
  const record = async (halt: Halt | undefined) =>
    refusalOf(turn, halt) === undefined
      ? await withDbRetry(() => beginChange(pool, { run, spp, rollout }, where, halt))
      : 0;
  let halt = known;
  let starts = await record(halt);
  while (starts === 0) {
    halt = await withDbRetry(() => readHalt(pool, rollout));
    const refusal = refusalOf(turn, halt);
    if (refusal !== undefined) return { starts: 0, refusal };
    starts = await record(halt);
  }
  return { starts, refusal: refusalOf(turn, halt) };
}

type Refusal = Halt["kind"] | "closed";

/** Why a change must not start while this stops its rollout. */
function refusalOf({ run: { site, startBy } }: Turn, halt: Halt | undefined): Refusal | undefined {
  if (halt !== undefined && isHalted(halt, site)) return halt.kind;
  return startBy !== undefined && Date.now() > startBy ? "closed" : undefined;
}

const CAUSES: Record<Refusal, string> = {
  cancelled: "the rollout was cancelled",
  stopped: "a failure stopped the rollout",
  paused: "the rollout was paused",
  changed: "program or definition changed",
  failures: "failures held the rollout",
  closed: "the window of its wave closes too soon for a change and its rollback",
};

function deferred(refusal: Refusal): SiteResult {
  const wait = refusal === "closed" ? "" : " while the site waited";
  return { outcome: "deferred", message: `not started: ${CAUSES[refusal]}${wait}` };
}

/** What is reported of a change that was interrupted and then not repeated. An outdated one is a failure already. */
function notRepeated(result: SiteResult, refusal: Refusal | undefined, { machine }: Begun): SiteResult {
  const { outcome, message } = result;
  const refused = outcome === "changed" ? "changed" : refusal;
  const cause = refused === undefined ? message : CAUSES[refused];
  const [host] = machine.split(" ");
  const worker = seesProcessesOf(machine)
    ? "the worker died during the change"
    : `the worker on ${host} died during the change, Pulumi may still make it there`;
  const text = `${worker}, and the change was not repeated: ${cause}`;
  if (outcome === "outdated") return { ...result, isInterrupted: true, message: text };
  return {
    ...(result.code !== undefined && { code: result.code }),
    outcome: "unknown",
    isInterrupted: true,
    message: /retry the site/.test(text) ? text : `${text}; retry the site`,
  };
}
