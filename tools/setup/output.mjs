import os from "node:os";
import { Interruption } from "./interruption.mjs";

/**
 * A failure of the set-up that the person at the keyboard can do something about; its message is one line.
 */
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
 * Where the set-up's lines go: standard output, or standard error where the verb's standard output is data.
 *
 * @typedef {object} Output
 * @property {(step: string, text: string) => void} say one finished line about a step
 * @property {(text: string) => void} write text of a child process, as it comes
 */

/**
 * Makes the output that writes to one stream.
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
 * A path as people write it: the home folder shortened to `~`.
 *
 * @param {string} path
 * @returns {string}
 */
export function friendly(path) {
  const home = os.homedir();
  return path === home || path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}

/**
 * A time as people write it: `8 s`, `2 min 05 s`.
 *
 * @param {number} milliseconds
 * @returns {string}
 */
export function duration(milliseconds) {
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`;
}
