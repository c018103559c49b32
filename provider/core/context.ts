import { setMaxListeners } from "node:events";
import { NO_SETTINGS, type Settings } from "./settings";

/** Where an operation reports to. Nothing written here may hold a secret. */
export interface Log {
  /** A line that stays: a phase begun or done, a decision taken. */
  info(message: string): void;
  /** Something the user should look at, though the operation goes on. */
  warn(message: string): void;
  /** Detail for finding faults; hidden by default. */
  debug(message: string): void;
  /** A passing line that the next one replaces: what is awaited just now. */
  status(message: string): void;
}

/** What every operation is given besides its inputs. */
export interface OperationContext {
  readonly log: Log;
  /** Aborts when the user cancels; every wait and request ends on it. */
  readonly signal: AbortSignal;
  /** Settings for all resources; inputs of a resource override them. */
  readonly settings: Settings;
}

/** A log that drops everything. */
export const silentLog: Log = { info() {}, warn() {}, debug() {}, status() {} };

/** A context for callers without an engine: silent, never cancelled and without settings unless given otherwise. */
export function operationContext(parts: Partial<OperationContext> = {}): OperationContext {
  const signal = parts.signal ?? new AbortController().signal;
  // Every request of an operation listens to the one signal; Node warns of a leak from the eleventh on.
  setMaxListeners(0, signal);
  return { log: parts.log ?? silentLog, signal, settings: parts.settings ?? NO_SETTINGS };
}
