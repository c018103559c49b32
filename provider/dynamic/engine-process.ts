import { fstatSync } from "node:fs";
import { type Log, type OperationContext, operationContext, type ResourceIdentity } from "../core/context";
import { Deployment } from "../core/deployment";
import { NO_SETTINGS, type Settings, settingsFrom } from "../core/settings";
import { onCancel } from "./engine-cancel";
import { type EngineLog, engineAddress, engineLog } from "./engine-log";

/** Time that the last answer needs at most to leave this process, in milliseconds. */
const ANSWER_MILLISECONDS = 100;

/** Time that running operations have to end once the engine is gone, in milliseconds. */
const ORPHAN_MILLISECONDS = 8000;

/**
 * The process in which the engine runs dynamic providers: it serves one deployment. All work stops when the engine
 * cancels, sends SIGINT, or is gone. A cancelled engine still waits for the answers; an engine that is gone gets none.
 */
export class EngineProcess {
  private readonly stopping = new AbortController();
  private readonly deployment = new Deployment();
  private running = 0;
  private isListening = false;
  private isEnding = false;
  private readSettings: () => Settings = () => NO_SETTINGS;

  constructor(private readonly log: EngineLog = engineLog()) {}

  /**
   * Takes the stack configuration, which the engine hands over once for each type of resource. Nothing is read before
   * an operation begins, because what is thrown there reaches the user with the resource's name.
   */
  configure(get: (key: string) => string | undefined): void {
    this.listen();
    this.readSettings = () => settingsFrom(get, process.env);
  }

  /** The context of one operation; `detail` is that of the resource, if it has one. @throws TypeError for a setting that is not allowed */
  context(resource?: ResourceIdentity, detail?: Settings["detail"]): OperationContext {
    this.listen();
    const given = this.readSettings();
    const settings = detail === undefined ? given : { ...given, detail };
    const log = logFor(resource?.name, settings.detail === "all", this.log);
    return operationContext({ log, signal: this.stopping.signal, settings, deployment: this.deployment, resource });
  }

  /** Runs one call of the engine; the process ends neither during it nor before its lines have arrived. */
  async serve<T>(call: () => Promise<T>): Promise<T> {
    this.running += 1;
    try {
      return await call();
    } finally {
      // The engine may end this process once it has the answer, and with it every line still on its way.
      await this.log.settled();
      this.running -= 1;
      this.exitWhenIdle();
    }
  }

  private listen(): void {
    if (this.isListening) return;
    this.isListening = true;
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => this.end());
    onCancel(() => this.stop());
    onEngineGone(() => this.end(ORPHAN_MILLISECONDS));
  }

  private stop(): void {
    this.stopping.abort(new Error("cancelled"));
  }

  private end(limitMilliseconds?: number): void {
    this.isEnding = true;
    this.stop();
    this.exitWhenIdle();
    if (limitMilliseconds !== undefined) setTimeout(() => process.exit(1), limitMilliseconds).unref();
  }

  /** Listening to the signal keeps Node from ending by itself; the engine would kill the process only after 5 s. */
  private exitWhenIdle(): void {
    if (this.isEnding && this.running === 0) setTimeout(() => process.exit(), ANSWER_MILLISECONDS);
  }
}

/** A log whose lines all begin with the name of the resource. Steps stay only where the user wants all detail. */
function logFor(name: string | undefined, isDetailed: boolean, log: Log): Log {
  const begin = (message: string) => (name === undefined ? message : message.replace(/^/gm, () => `${name}: `));
  return {
    result: (message) => log.result(begin(message)),
    info: (message) => (isDetailed ? log.info(begin(message)) : log.status(begin(message))),
    warn: (message) => log.warn(begin(message)),
    debug: (message) => log.debug(begin(message)),
    status: (message) => log.status(begin(message)),
  };
}

/**
 * Calls back when the engine has ended, however it ended. The engine holds the other end of this process's standard input
 * and never writes to it, so the operating system closes it at that moment.
 */
function onEngineGone(callback: () => void): void {
  if (engineAddress() === undefined) return;
  try {
    const input = fstatSync(0);
    // Started by a debugger, the input is a file or a terminal.
    if (!input.isFIFO() && !input.isSocket()) return;
  } catch {
    // There is no standard input.
    return;
  }
  // The lines of an operation that is still running have no reader any more.
  for (const output of [process.stdout, process.stderr]) output.on("error", () => undefined);
  process.stdin.once("end", callback).once("error", callback).resume();
}
