import { resolve } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { openDatabase } from "../database/database";
import type { RolloutRecord } from "../database/journal";
import { command, pauseOf, RolloutError, resumeRollout, startRollout } from "../engine/client";
import type { Worker } from "../engine/worker";
import { reportFailure } from "../report/failure";
import { listText, siteCount } from "../report/words";
import { follow } from "./follow";
import {
  type CommonOptions,
  currentUser,
  locationOf,
  reasonOf,
  withCommonOptions,
  withDatabase,
  withRollout,
  withRolloutOption,
} from "./options";
import { EXIT, printResult, type Session, showProgress } from "./session";
import { loadWithDistinctSpps } from "./spp-names";

/** Commands that work on sites until the rollout ends or the user interrupts them. */
export function addWorkCommands(program: Command, session: Session): void {
  const held = ["--exit-when-held", "end with exit code 2 when the rollout waits for an operator; for CI"] as const;
  withCommonOptions(program.command("start"))
    .description("Starts a rollout, and works on it until it ends.")
    .option(...held)
    .option(
      "--accept-joins <n>",
      "how many sites may be joined without a further approval in waves without approval: true; a join cannot be undone; default 0",
      joinsOf,
    )
    .action(async (options: CommonOptions & { exitWhenHeld?: boolean; acceptJoins?: number }) => {
      const { plan } = await loadWithDistinctSpps(options.file);
      const { acceptJoins: acceptedJoins = 0 } = options;
      const record = await withDatabase(options, ({ pool }) =>
        startRollout(pool, { ...plan, acceptedJoins }, resolve(options.file), currentUser()),
      );
      const waves = plan.waves.length === 1 ? "1 wave" : `${plan.waves.length} waves`;
      showProgress(session, `rollout ${record.id}: started, ${siteCount(Object.keys(plan.sites).length)} in ${waves}`);
      await work(options, session, record);
    });
  withRolloutOption(program.command("resume"))
    .description("Goes on with a rollout exactly where it was: after a pause, a crash or an interruption.")
    .option("--reason <text>", "why a rollout goes on; is kept, and required when it is paused", reasonOf)
    .option(...held)
    .action(async (options: CommonOptions & { exitWhenHeld?: boolean; reason?: string }) => {
      const record = await withRollout(options, async (database, chosen) => {
        const paused = await pauseOf(database.pool, chosen);
        const { reason } = options;
        const by = currentUser();
        if (paused !== undefined && reason === undefined)
          throw new RolloutError(
            `rollout ${chosen.id}: resume: it is paused (${paused}); add --reason TEXT, which is kept`,
          );
        await resumeRollout(database.pool, chosen, by);
        if (paused !== undefined && reason !== undefined)
          await command(database.pool, chosen, { type: "resumed", by, reason });
        return chosen;
      });
      await work(options, session, record);
    });
  withCommonOptions(program.command("worker"))
    .description("Works on the sites of all rollouts in the database until it is interrupted, beside other workers.")
    .action(async (options: CommonOptions) => {
      const worker = await start(options, session, (file) => file);
      const line = `worker ${worker.id}: working; Ctrl-C or kill ${process.pid} ends it after the sites in work`;
      showProgress(session, line);
      await new Promise<void>((end) => {
        if (session.signal.aborted) end();
        session.signal.addEventListener("abort", () => end(), { once: true });
      });
      await stop(worker, session);
      printResult(session, { worker: worker.id, isRunning: false });
    });
}

/** @throws InvalidArgumentError when it is no number of sites */
function joinsOf(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Allowed values are: 0 to 999999.");
}

/** Ends a worker after the sites in work, and says what it waits for. */
async function stop(worker: Worker, { output }: Session): Promise<void> {
  const sites = worker.sitesInWork();
  if (sites.length > 0)
    output.error(
      `waiting for ${siteCount(sites.length)} in work: ${listText(sites)}; Ctrl-C again ends this process, and Pulumi finishes them alone\n`,
    );
  await worker.stop();
}

async function work(
  options: CommonOptions & { exitWhenHeld?: boolean },
  session: Session,
  record: RolloutRecord,
): Promise<void> {
  const own = resolve(options.file);
  // Another machine may have the same rollout at another path.
  const worker = await start(options, session, (file) => (file === record.file ? own : file));
  const database = await openDatabase(locationOf(options));
  try {
    await follow(database.pool, record, session, options.exitWhenHeld === true);
  } finally {
    await database.close();
    await stop(worker, session);
  }
}

function start(options: CommonOptions, session: Session, fileOf: (file: string) => string) {
  // The workflow engine and the Automation API take longer to load than other commands to run.
  const { startWorker } = require("../engine/worker") as typeof import("../engine/worker");
  const { pulumiStep } = require("../step/pulumi-step") as typeof import("../step/pulumi-step");
  return startWorker({
    database: locationOf(options),
    step: pulumiStep({
      fileOf: ({ file }) => fileOf(file),
      onWait: (text) => session.output.error(`${text}\n`),
    }),
    onFault: (fault) => session.output.error(`worker: ${fault}\n`),
    onFenced: () => {
      reportFailure(
        session,
        "worker: this process could not reach the database for too long, and other workers may take over its sites; start it again",
      );
      process.exit(EXIT.notRun);
    },
  });
}
