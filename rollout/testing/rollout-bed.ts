import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ADDRESS_FILE } from "../database/address";
import { type Database, type DatabaseLocation, openDatabase } from "../database/database";
import { findRollout, type RolloutRecord } from "../database/journal";
import { command, type OperatorCommand, type SentCommand, startRollout, stateOf } from "../engine/client";
import type { OperatorEvent } from "../machine/events";
import type { RolloutState } from "../machine/state";
import type { Plan } from "../plan/plan";
import { holdFile, type RecordedRun, recordedRuns } from "./recorded-step";

/** A database with workers as processes of their own, for tests that kill them. */
export class RolloutBed {
  private readonly workers = new Set<ChildProcess>();

  private constructor(
    private readonly folder: string,
    readonly location: DatabaseLocation,
    readonly database: Database,
  ) {}

  /** A bed of the embedded database, or of a given server. */
  static async start(server?: { url: string }): Promise<RolloutBed> {
    const folder = mkdtempSync(join(tmpdir(), "rollout-test-"));
    const location = server ? { url: server.url } : { folder: join(folder, "database"), idleSeconds: 2 };
    return new RolloutBed(folder, location, await openDatabase(location));
  }

  /** Starts a worker whose steps take some time, and waits until it works. */
  async worker(
    milliseconds: number,
    failing: string[] = [],
    onFault: (fault: string) => void = () => {},
  ): Promise<ChildProcess> {
    const args = [this.recordFile, String(milliseconds), ...failing];
    const child = await this.fork(join(__dirname, "worker-process.ts"), args);
    return child.on("message", onFault);
  }

  /** What Node gets for a worker that another program starts, whose steps take some time. */
  workerArguments(milliseconds: number): string[] {
    const program = join(__dirname, "worker-process.ts");
    const loader = ["--import", require.resolve("tsx")];
    return [...loader, program, JSON.stringify(this.location), this.recordFile, String(milliseconds)];
  }

  /** Starts a program whose first argument is the location of the database, and waits until it says `ready`. */
  async fork(program: string, args: string[], options: { detached?: boolean } = {}): Promise<ChildProcess> {
    const all = [JSON.stringify(this.location), ...args];
    const child = fork(program, all, { stdio: ["ignore", "inherit", "inherit", "ipc"], ...options });
    this.workers.add(child);
    await new Promise<void>((resolve, reject) => {
      child.once("message", () => resolve());
      child.once("exit", (code) => reject(new Error(`the worker ended with ${code}`)));
    });
    return child;
  }

  start(plan: Plan): Promise<RolloutRecord> {
    return startRollout(this.database.pool, plan, "/nowhere/rollout.yaml", "ada");
  }

  async operator(
    id: string,
    type: OperatorEvent["type"],
    site?: string,
    hasSeen?: OperatorCommand["hasSeen"],
  ): Promise<SentCommand> {
    return command(this.database.pool, await this.record(id), { type, by: "ada", reason: "test", site, hasSeen });
  }

  async state(id: string): Promise<RolloutState> {
    return stateOf(this.database.pool, await this.record(id));
  }

  /** Waits for a state. @throws Error after the limit, with the state as it is */
  async until(id: string, isReached: (state: RolloutState) => boolean, limitSeconds = 300): Promise<RolloutState> {
    const limit = Date.now() + limitSeconds * 1000;
    for (;;) {
      // A database that was killed does not answer until a worker has started it again.
      const state = await this.state(id).catch((error: Error) => error);
      if (!(state instanceof Error) && isReached(state)) return state;
      if (Date.now() > limit) {
        if (state instanceof Error) throw state;
        const sites = [...state.sites.values()].map(({ site, status }) => `${site.name} ${status}`);
        throw new Error(`not reached: ${state.status}, ${JSON.stringify(state.hold)}, ${sites.join(", ")}`);
      }
      await sleep(100);
    }
  }

  runs(): RecordedRun[] {
    return recordedRuns(this.recordFile);
  }

  /** Lets no change that succeeds end before `releaseChanges`, so that a test is as fast as its machine. */
  holdChanges(): void {
    writeFileSync(holdFile(this.recordFile), "");
  }

  releaseChanges(): void {
    rmSync(holdFile(this.recordFile), { force: true });
  }

  async killWorkers(): Promise<void> {
    for (const child of this.workers) await kill(child);
    this.workers.clear();
  }

  async stop(): Promise<void> {
    await this.killWorkers();
    await this.database.close();
    if ("folder" in this.location) this.killDatabase();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Ends the process of the embedded database at once; false when it does not run. */
  killDatabase(): boolean {
    if (!("folder" in this.location)) throw new Error("the database is not embedded");
    try {
      const { pid } = JSON.parse(readFileSync(join(this.location.folder, ADDRESS_FILE), "utf8"));
      return process.kill(pid, "SIGKILL");
    } catch {
      // It has ended, or the next one has not started yet.
      return false;
    }
  }

  private get recordFile(): string {
    return join(this.folder, "runs");
  }

  private async record(id: string): Promise<RolloutRecord> {
    const record = await findRollout(this.database.pool, id);
    if (!record) throw new Error(`no rollout ${id}`);
    return record;
  }
}

/** Ends a process at once, and waits until it is gone. */
export async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await gone;
}
