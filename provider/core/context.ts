import { setMaxListeners } from "node:events";
import { Deployment, type ResourceIdentity } from "./deployment";
import { NO_SETTINGS, type Settings } from "./settings";

export type { ResourceIdentity };

/** The log of an operation. No line may contain a secret. */
export interface Log {
  /** The one line that says what came of an operation; always permanent. */
  result(message: string): void;
  /** A phase or a decision; permanent where the user wants all detail. */
  info(message: string): void;
  /** A problem that does not end the operation. */
  warn(message: string): void;
  /** Detail for troubleshooting; hidden by default. */
  debug(message: string): void;
  /** A temporary line, replaced by the next one: the current wait. */
  status(message: string): void;
}

/** Input of every operation besides its own inputs. */
export interface OperationContext {
  /** The resource, where the front knows it. */
  readonly resource?: ResourceIdentity | undefined;
  readonly log: Log;
  /** Aborts when the user cancels; every wait and request ends on it. */
  readonly signal: AbortSignal;
  /** Settings for all resources; inputs of a resource override them. */
  readonly settings: Settings;
  readonly deployment: Deployment;
}

/** A log without output. */
export const silentLog: Log = { result() {}, info() {}, warn() {}, debug() {}, status() {} };

/** A context for callers without an engine: silent, never cancelled and without settings unless given otherwise. */
export function operationContext(parts: Partial<OperationContext> = {}): OperationContext {
  const signal = sharedSignal(parts.signal ?? new AbortController().signal);
  const { log = silentLog, settings = NO_SETTINGS, deployment = new Deployment(), resource } = parts;
  return { log, signal, settings, deployment, resource };
}

/** The same context, which also ends when another signal aborts. */
export function endingWith(context: OperationContext, signal: AbortSignal): OperationContext {
  return { ...context, signal: sharedSignal(AbortSignal.any([context.signal, signal])) };
}

/**
 * A signal that aborts `seconds` after the given one, with its reason; at once when that one has aborted already. `stop` ends the
 * listening.
 */
export function delayedSignal(signal: AbortSignal, seconds: number): { signal: AbortSignal; stop: () => void } {
  if (signal.aborted || seconds === 0) return { signal, stop: () => undefined };
  const delayed = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const begin = () => {
    timer = setTimeout(() => delayed.abort(signal.reason), seconds * 1000);
  };
  signal.addEventListener("abort", begin, { once: true });
  const stop = () => {
    signal.removeEventListener("abort", begin);
    clearTimeout(timer);
  };
  return { signal: delayed.signal, stop };
}

/** Every request of an operation listens to the one signal; Node warns of a leak from the eleventh on. */
function sharedSignal(signal: AbortSignal): AbortSignal {
  setMaxListeners(0, signal);
  return signal;
}
