import os from "node:os";
import { Interruption } from "./interruption.mjs";

/** A failure of the set-up that the user can fix; its message is one line. */
export class SetupError extends Error {}

/**
 * Prints why the set-up ended early.
 *
 * @param {unknown} error anything but a {@link SetupError} or an {@link Interruption} is thrown again
 * @returns {number} the exit code
 */
export function reportFailure(error) {
  if (!(error instanceof SetupError || error instanceof Interruption)) throw error;
  process.stderr.write(`error: ${error.message}\n`);
  return error instanceof Interruption ? error.exitCode : 1;
}

/**
 * Where the set-up prints: standard output, or standard error when the command's standard output is data.
 *
 * @typedef {object} Output
 * @property {(step: string, text: string) => void} say prints one line about a step
 * @property {(text: string) => void} write prints text of a child process
 */

/**
 * An output that writes to a stream.
 *
 * @param {NodeJS.WritableStream} stream
 * @returns {Output}
 */
export function outputTo(stream) {
  return {
    say: (step, text) => stream.write(`${step}: ${text}\n`),
    write: (text) => stream.write(text),
  };
}

/**
 * A path with the home folder shortened to `~`.
 *
 * @param {string} path
 * @returns {string}
 */
export function shortPath(path) {
  const home = os.homedir();
  return path === home || path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}

/**
 * A duration as text: `8 s`, `2 min 05 s`.
 *
 * @param {number} milliseconds
 * @returns {string}
 */
export function duration(milliseconds) {
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`;
}
