import os from "node:os";

/** @typedef {"SIGINT" | "SIGTERM" | "SIGHUP"} StopSignal */

/** @type {StopSignal[]} */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"];

/** @type {Set<() => void | Promise<void>>} */
const cleanups = new Set();

/** @type {((signal: StopSignal) => void) | undefined} */
let forward;
let listening = false;
let stopping = false;

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
 * Registers what must be undone when the process is told to stop (Ctrl-C, SIGTERM, SIGHUP) before the work is done.
 * Clean-ups run in reverse order of registration, then the process ends with the signal's exit code.
 *
 * @param {() => void | Promise<void>} cleanup must not throw
 * @returns {() => void} takes the registration back
 */
export function onInterruption(cleanup) {
  listen();
  cleanups.add(cleanup);
  return () => cleanups.delete(cleanup);
}

/**
 * Hands the signals to the verb once the set-up is over: the verb cleans up by itself, we only wait for it.
 *
 * @param {(signal: StopSignal) => void} handler
 */
export function forwardInterruptions(handler) {
  listen();
  forward = handler;
}

function listen() {
  if (listening) return;
  listening = true;
  for (const signal of SIGNALS) process.on(signal, () => void stop(signal));
}

/** @param {StopSignal} signal */
async function stop(signal) {
  if (forward) return forward(signal);
  if (stopping) return;
  stopping = true;
  for (const cleanup of [...cleanups].reverse()) await cleanup();
  process.stderr.write(`\ninterrupted (${signal}); the next run starts this step anew\n`);
  process.exit(exitCodeOf(signal));
}
