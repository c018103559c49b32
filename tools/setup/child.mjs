import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { interruption } from "./interruption.mjs";

const GRACE_MILLISECONDS = 5_000;
const isWindows = process.platform === "win32";

/**
 * How a child process ended.
 *
 * @typedef {object} Ending
 * @property {boolean} ok its exit code was 0
 * @property {string} reason why it failed, in a few words; empty when ok
 * @property {string} stdout everything it wrote to standard output
 * @property {string[]} lines its lines on both streams, without blank ones
 */

/**
 * @typedef {object} ChildOptions
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env]
 * @property {number} limitSeconds the child is stopped after this time
 * @property {{stream: "stdout" | "stderr", limitSeconds: number}} [firstAnswer] the child is stopped when it has written
 *   nothing to that stream by then
 * @property {(line: string) => void} [onLine] receives each line that is not blank
 */

/**
 * Runs a child process without input, in a process group of its own, so that stopping it also stops what it started.
 * Uses Node alone, because it also runs `npm ci`.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {ChildOptions} options
 * @returns {Promise<Ending>}
 * @throws {import("./interruption.mjs").Interruption} when this process was told to stop; the child has then ended
 */
export async function runChild(command, args, { limitSeconds, firstAnswer, onLine, ...options }) {
  interruption.throwIfAborted();
  const shell = isWindows && command === "npm";
  const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"], detached: !isWindows, shell });

  let stdout = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    stdout += text;
  });
  /** @type {string[]} */
  const lines = [];
  for (const input of [child.stdout, child.stderr])
    createInterface({ input }).on("line", (line) => {
      if (line.trim() === "") return;
      lines.push(line.trimEnd());
      onLine?.(line.trimEnd());
    });

  let stopReason = "";
  /** @type {(NodeJS.Timeout | undefined)[]} */
  const timers = [];
  /** @param {string} reason */
  const stop = (reason) => {
    stopReason ||= reason;
    signalGroup(child, "SIGINT");
    timers.push(setTimeout(() => signalGroup(child, "SIGKILL"), GRACE_MILLISECONDS));
  };
  const onInterruption = () => stop("interrupted");
  interruption.addEventListener("abort", onInterruption);
  timers.push(setTimeout(() => stop(`no end after ${limitSeconds} s`), limitSeconds * 1000));
  if (firstAnswer) {
    const silence = setTimeout(
      () => stop(`no answer after ${firstAnswer.limitSeconds} s`),
      firstAnswer.limitSeconds * 1000,
    );
    timers.push(silence);
    child[firstAnswer.stream].once("data", () => clearTimeout(silence));
  }

  const ending = await new Promise((resolve) => {
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code, signal) => resolve(code === 0 ? "" : signal ? `ended by ${signal}` : `exit code ${code}`));
  });
  timers.forEach(clearTimeout);
  interruption.removeEventListener("abort", onInterruption);
  interruption.throwIfAborted();
  const reason = stopReason || ending;
  return { ok: reason === "", reason, stdout, lines };
}

/**
 * @param {import("node:child_process").ChildProcess} child
 * @param {NodeJS.Signals} signal
 */
function signalGroup(child, signal) {
  try {
    if (isWindows || child.pid === undefined) child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // The group has ended already.
  }
}

/**
 * The line that best explains why a child process failed: the first lines of npm's own error, else the last line that
 * mentions an error, else the last line, else how the process ended.
 *
 * @param {Ending} ending
 * @returns {string}
 */
export function whyItFailed({ lines, reason }) {
  const fromNpm = lines
    .filter((line) => line.startsWith("npm error "))
    .map((line) => line.slice("npm error ".length).trim())
    .filter((line) => line !== "" && !line.startsWith("A complete log"));
  if (fromNpm.length > 0) return fromNpm.slice(0, 3).join("; ");
  const explanation = lines.findLast((line) => /error|fail|cannot|unable/i.test(line)) ?? lines.at(-1);
  if (!explanation) return reason;
  return reason.startsWith("exit code") ? explanation : `${reason} (${explanation})`;
}
