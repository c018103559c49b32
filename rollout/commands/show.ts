import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "commander";
import type { Pool } from "pg";
import { turnsAt, type WaitingChange, waitingChanges } from "../database/changes";
import { allRollouts, type RolloutRecord, readEvents } from "../database/journal";
import { stateOf } from "../engine/client";
import { livingWorkers } from "../engine/membership";
import { changesOfOthers, type OtherChange } from "../engine/spp-queues";
import { writeReport } from "../report/file";
import { rolloutPage } from "../report/page";
import { fitted, type Screen } from "../report/screen";
import { sppTurns } from "../report/spp-turns";
import { type RolloutSummary, summaryOf } from "../report/summary";
import { statusLines } from "../report/text";
import { doneText, timeText } from "../report/words";
import { type CommonOptions, withCommonOptions, withDatabase, withJournal, withRolloutOption } from "./options";
import { printResult, type Session } from "./session";

const WATCH_MS = 1000;
const CLEAR = "\u001b[H\u001b[J";

/** Commands that only read. */
export function addShowCommands(program: Command, session: Session): void {
  const { output, signal } = session;
  withRolloutOption(program.command("status"))
    .description("Shows where a rollout is and what it waits for.")
    .option("--watch", "print it again when it changes, until the rollout ends")
    .action((options: CommonOptions & { watch?: boolean }) =>
      withJournal(options, async (database, record) => {
        let shown = "";
        const isTable = options.watch === true && process.stdout.isTTY && !session.isJson;
        for (;;) {
          const summary = summaryOf(record, await stateOf(database.pool, record));
          // In a log, what is left of a cool-down would be another line each second.
          const isLog = options.watch === true && !process.stdout.isTTY;
          const text = await statusText(database.pool, record, summary, { isJson: session.isJson, isLog });
          // A terminal shows one table that changes; a log shows each change once.
          if (text !== shown)
            output.out(isTable ? `${CLEAR}${fitted(text.split("\n"), screen()).join("\n")}\n` : `${text}\n`);
          shown = text;
          if (!options.watch || summary.status !== "running" || signal.aborted) return;
          await sleep(WATCH_MS, undefined, { signal }).catch(() => {});
        }
      }),
    );
  withRolloutOption(program.command("report"))
    .description("Writes the report of a rollout as one HTML file, from its journal alone.")
    .option("--html <file>", "the file; default: the id of the rollout, in this folder")
    .action((options: CommonOptions & { html?: string }) =>
      withJournal(options, async (database, record) => {
        const file = resolve(options.html ?? `${record.id}.html`);
        writeReport(file, rolloutPage(record, await readEvents(database.pool, record.id)));
        printResult(session, { rollout: record.id, file }, `rollout ${record.id}: report written to ${file}`);
      }),
    );
  withCommonOptions(program.command("history"))
    .description("Lists all rollouts in the database, the latest first.")
    .action((options: CommonOptions) =>
      withDatabase(options, async ({ pool }) => {
        const rows = [];
        for (const record of await allRollouts(pool)) {
          const { status, startedAt, endedAt, counts } = summaryOf(record, await stateOf(pool, record));
          rows.push({
            id: record.id,
            status,
            startedAt,
            endedAt,
            sites: Object.keys(record.plan.sites).length,
            done: counts.done,
          });
        }
        const width = Math.max(...rows.map(({ id }) => id.length));
        const lines = rows.map(
          ({ id, status, startedAt, sites, done }) =>
            `${id.padEnd(width)}  ${timeText(startedAt)}  ${status.padEnd(9)}  ${doneText(done, sites)}`,
        );
        printResult(session, rows, lines.join("\n") || "no rollouts in this database; run: rollout start");
      }),
    );
}

/** The window may change its size. */
function screen(): Screen {
  const { rows = 24, columns = 80 } = process.stdout;
  return { rows, columns };
}

async function statusText(
  pool: Pool,
  { plan }: RolloutRecord,
  read: RolloutSummary,
  { isJson, isLog }: { isJson: boolean; isLog: boolean },
): Promise<string> {
  const isRunning = read.status === "running";
  const workers = await livingWorkers(pool);
  const spps = read.spps.map(({ spp }) => spp);
  const others = isRunning ? await changesOfOthers(pool, read.id, spps) : [];
  const waits = isRunning ? await waitingChanges(pool, spps) : [];
  const turns = isRunning ? await turnsAt(pool, read.id, spps, plan.coolDownSeconds) : [];
  const takenByOthers = new Set(others.flatMap(({ spp, since }) => (since === undefined ? [] : [spp])));
  const now = Date.now();
  const summary = { ...read, spps: sppTurns(read.spps, { turns, takenByOthers, now }) };
  if (isJson) return JSON.stringify({ ...summary, otherRollouts: others, waits, workers }, undefined, 2);
  const lines = [
    ...statusLines(summary, isLog ? undefined : now),
    ...others.map(otherLine),
    ...waits.map(waitLine),
    workersLine(summary.status, workers),
  ];
  return lines.filter((line) => line !== undefined).join("\n");
}

function otherLine({ spp, rollout, site, since }: OtherChange): string {
  return `spp ${spp}: rollout ${rollout} ${since === undefined ? `waits with ${site}` : `changes ${site} since ${timeText(since)}`}`;
}

function waitLine({ spp, run, waitsFor }: WaitingChange): string {
  return `spp ${spp}: the change of ${run.split("/")[1]} waits for ${waitsFor}`;
}

function workersLine(status: string, workers: readonly string[]): string | undefined {
  if (status !== "running") return undefined;
  if (workers.length === 0) return "no worker is running; run: rollout resume";
  return `workers: ${workers.join(", ")}`;
}
