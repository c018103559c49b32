import { spawn } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { onInterruption } from "./interruption.mjs";

const GRACE_MILLISECONDS = 5_000;
const KEPT_LINES = 200;

/**
 * How a child process ended.
 *
 * @typedef {object} Ending
 * @property {boolean} ok it ran and its exit code was 0
 * @property {string} reason why not, in a few words; empty when ok
 * @property {string} stdout everything it wrote to standard output
 * @property {string[]} lastLines its last lines on both streams, oldest first, blank ones left out
 */

/**
 * @typedef {object} ChildOptions
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env]
 * @property {number} limitSeconds the child is stopped after this time
 * @property {{stream: "stdout" | "stderr", limitSeconds: number}} [firstAnswer] the child is stopped when it has written
 *   nothing to that stream by then
 * @property {(text: string) => void} [onText] receives what the child writes, as it comes
 * @property {(line: string) => void} [onLine] receives each whole line
 */

/**
 * Runs a child process without input in a process group of its own, so that stopping it stops all that it started;
 * a terminal's Ctrl-C reaches it through the clean-up registered here and not behind our back. Never rejects.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {ChildOptions} options
 * @returns {Promise<Ending>}
 */
export async function runChild(command, args, options) {
  const windows = process.platform === "win32";
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ["ignore", "pipe", "pipe"],
    detached: !windows,
    shell: windows && command === "npm",
  });

  let stdout = "";
  let answered = false;
  /** @type {string[]} */
  const lastLines = [];
  let stopReason = "";
  /** @param {NodeJS.Signals} signal */
  const signalAll = (signal) => {
    try {
      if (windows || child.pid === undefined) child.kill(signal);
      else process.kill(-child.pid, signal);
    } catch {
      // Nothing is left to stop.
    }
  };
  /** @param {string} reason */
  const stop = (reason) => {
    stopReason ||= reason;
    signalAll("SIGINT");
    setTimeout(() => signalAll("SIGKILL"), GRACE_MILLISECONDS).unref();
  };

  /** @param {string} line */
  const keep = (line) => {
    if (line.trim() === "") return;
    lastLines.push(line.trimEnd());
    if (lastLines.length > KEPT_LINES) lastLines.shift();
    options.onLine?.(line.trimEnd());
  };
  for (const name of /** @type {const} */ (["stdout", "stderr"])) {
    const stream = child[name];
    let rest = "";
    stream.setEncoding("utf8");
    stream.on("data", (text) => {
      if (name === "stdout") stdout += text;
      if (name === options.firstAnswer?.stream) answered = true;
      options.onText?.(text);
      const lines = (rest + text).split(/\r?\n|\r/);
      rest = lines.pop() ?? "";
      lines.forEach(keep);
    });
    stream.on("end", () => keep(rest));
  }

  /** @type {Promise<string>} */
  const ended = new Promise((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code, signal) => resolve(code === 0 ? "" : signal ? `ended by ${signal}` : `exit code ${code}`));
  });
  const limit = setTimeout(() => stop(`no end after ${options.limitSeconds} s`), options.limitSeconds * 1000);
  const answerSeconds = options.firstAnswer?.limitSeconds ?? options.limitSeconds;
  const answerLimit = setTimeout(() => {
    if (options.firstAnswer && !answered) stop(`no answer after ${answerSeconds} s`);
  }, answerSeconds * 1000);
  const forget = onInterruption(async () => {
    stop("interrupted");
    await Promise.race([ended, delay(GRACE_MILLISECONDS + 1_000)]);
  });

  const ending = await ended;
  forget();
  clearTimeout(limit);
  clearTimeout(answerLimit);
  // Whoever waits must not go on to the next attempt: the clean-ups run, and then the process ends.
  if (stopReason === "interrupted") return new Promise(() => {});
  const reason = stopReason || ending;
  return { ok: reason === "", reason, stdout, lastLines };
}

/**
 * The one line that best tells why a child process failed: what npm says in its first lines, else the last line that
 * speaks of an error, else the last line, else how it ended.
 *
 * @param {Ending} ending
 * @returns {string}
 */
export function whyItFailed(ending) {
  const fromNpm = ending.lastLines
    .filter((line) => line.startsWith("npm error "))
    .map((line) => line.slice("npm error ".length).trim())
    .filter((line) => line !== "" && !line.startsWith("A complete log"));
  if (fromNpm.length > 0) return fromNpm.slice(0, 3).join("; ");
  const telling =
    ending.lastLines.findLast((line) => /error|fail|cannot|unable/i.test(line)) ?? ending.lastLines.at(-1);
  if (!telling) return ending.reason;
  return /^exit code/.test(ending.reason) ? telling : `${ending.reason} (${telling})`;
}
