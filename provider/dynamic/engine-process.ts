import { type OperationContext, operationContext } from "../core/context";
import { NO_SETTINGS, type Settings, settingsFrom } from "../core/settings";
import { type EngineLog, engineLog } from "./engine-log";

/** What the last answer needs at most to leave this process, in milliseconds. */
const ANSWER_MILLISECONDS = 100;

/**
 * The process in which the engine runs dynamic providers: it serves one deployment. The engine announces no cancel to
 * them; when it ends, it sends SIGINT, and all work stops then.
 */
export class EngineProcess {
  private readonly ending = new AbortController();
  private running = 0;
  private isListening = false;
  private readSettings: () => Settings = () => NO_SETTINGS;

  constructor(private readonly log: EngineLog = engineLog()) {}

  /**
   * Takes the stack configuration, which the engine hands over once for each type of resource. Nothing is read before
   * an operation begins, because what is thrown there reaches the user with the resource's name.
   */
  configure(get: (key: string) => string | undefined): void {
    this.readSettings = () => settingsFrom(get, process.env);
  }

  /** The context of one operation. @throws TypeError for a setting that is not allowed */
  context(): OperationContext {
    if (!this.isListening) {
      this.isListening = true;
      for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => this.end());
    }
    return operationContext({ log: this.log, signal: this.ending.signal, settings: this.readSettings() });
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

  private end(): void {
    this.ending.abort(new Error("cancelled"));
    this.exitWhenIdle();
  }

  /** Listening to the signal keeps Node from ending by itself; the engine would kill the process only after 5 s. */
  private exitWhenIdle(): void {
    if (this.ending.signal.aborted && this.running === 0) setTimeout(() => process.exit(), ANSWER_MILLISECONDS);
  }
}
