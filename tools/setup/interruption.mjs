import os from "node:os";

/** @type {NodeJS.Signals[]} */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"];

/** Says that the process was told to stop before the set-up was done. */
export class Interruption extends Error {
  /** @param {NodeJS.Signals} signal */
  constructor(signal) {
    super(`interrupted (${signal}); the next run repeats this step`);
    this.exitCode = exitCodeOf(signal);
  }
}

const controller = new AbortController();

/**
 * Aborted, with an {@link Interruption} as its reason, by the first signal that tells the process to stop. The set-up then
 * stops its child process and throws the reason, so that `finally` blocks clean up. A second signal ends the process at once.
 *
 * @type {AbortSignal}
 */
export const interruption = controller.signal;

/** @param {NodeJS.Signals} signal */
function onFirstSignal(signal) {
  for (const other of SIGNALS) process.off(other, onFirstSignal);
  controller.abort(new Interruption(signal));
}

for (const signal of SIGNALS) process.on(signal, onFirstSignal);

/**
 * The exit code that tells a shell which signal ended a process.
 *
 * @param {NodeJS.Signals} signal
 * @returns {number}
 */
export function exitCodeOf(signal) {
  return 128 + os.constants.signals[signal];
}

/**
 * Passes signals on to the program that the set-up was made for: it cleans up by itself while this process waits.
 *
 * @param {(signal: NodeJS.Signals) => void} handler
 */
export function forwardInterruptions(handler) {
  for (const signal of SIGNALS) process.on(signal, handler);
}
