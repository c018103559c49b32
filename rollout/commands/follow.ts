import { setTimeout as sleep } from "node:timers/promises";
import type { Pool } from "pg";
import { sentMessages } from "../database/inbox";
import { type RolloutRecord, readEvents } from "../database/journal";
import { RolloutError } from "../engine/client";
import { hasEndedWorkflows } from "../engine/revive";
import { advance, refusalOf } from "../machine/advance";
import { waitsForOperator } from "../machine/start";
import { newState, type RolloutState } from "../machine/state";
import { awaitedId } from "../report/approval-id";
import { summaryOf } from "../report/summary";
import { approvalLines, eventLine, holdText } from "../report/text";
import { doneText } from "../report/words";
import { EXIT, printResult, type Session, showProgress } from "./session";

const POLL_MS = 500;
/** How often it is asked whether the workflow engine goes on. */
const ENGINE_POLL_MS = 5000;

/**
 * Prints what has happened in a rollout and what happens from now on, line by line, until it ends, or with `endsWhenHeld` until it waits
 * for an operator. Sets the exit code. The database may be away for a while. @throws RolloutError when the user interrupts it
 */
export async function follow(
  pool: Pool,
  record: RolloutRecord,
  session: Session,
  endsWhenHeld: boolean,
): Promise<void> {
  const state = newState(record.plan);
  let seq = 0;
  let messages = 0;
  let shownHold = "";
  let askedAt = Date.now();
  while (!session.signal.aborted) {
    for (const event of await readEvents(pool, record.id, seq).catch(() => [])) {
      seq += 1;
      if (event.type !== "started" && event.type !== "tick") messages += 1;
      const refusal = "by" in event && event.type !== "started" ? refusalOf(state, event) : undefined;
      advance(state, event);
      const line = eventLine(event, state, refusal);
      if (line) {
        showProgress(session, line);
        // What it waits for stands last, also when it is the same as before.
        shownHold = "";
      }
    }
    const hold =
      state.hold && state.status === "running" && state.running.size === 0
        ? holdText(state.hold, awaitedId(record.id, state))
        : "";
    if (hold !== "" && hold !== shownHold)
      showProgress(session, [hold, ...approvalLines(summaryOf(record, state).toApprove)].join("\n"));
    shownHold = hold;
    if (state.status !== "running") return end(state, record, session);
    // What an operator sent while no worker ran is still on its way.
    const isQuiet = async () => (await sentMessages(pool, record.id)) <= messages;
    if (endsWhenHeld && waitsForOperator(state) && (await isQuiet().catch(() => false))) {
      printResult(session, summaryOf(record, state));
      session.exitCode = EXIT.attention;
      return;
    }
    if (Date.now() - askedAt >= ENGINE_POLL_MS) {
      askedAt = Date.now();
      if (await hasEndedWorkflows(pool, record.id).catch(() => false))
        throw new RolloutError(
          `rollout ${record.id}: the workflow engine has ended a part of it after an error; run rollout resume to go on where it was`,
        );
    }
    await sleep(POLL_MS, undefined, { signal: session.signal }).catch(() => {});
  }
  throw new RolloutError(`rollout ${record.id}: interrupted; run rollout resume to go on where it was`);
}

function end(state: RolloutState, record: RolloutRecord, session: Session): void {
  const all = [...state.sites.values()];
  const done = all.filter(({ status }) => status === "done").length;
  const text = `rollout ${record.id}: ${state.status}, ${doneText(done, all.length)}`;
  printResult(session, summaryOf(record, state), text);
  if (state.status !== "done") session.exitCode = EXIT.failed;
  else session.exitCode = done === all.length ? EXIT.fine : EXIT.attention;
}
