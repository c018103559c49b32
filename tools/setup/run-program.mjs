import { spawn } from "node:child_process";
import { exitCodeOf, forwardInterruptions, interruption } from "./interruption.mjs";

/**
 * Runs the program of a command on this terminal and waits for it. Signals are passed on to the program, which cleans up
 * by itself.
 *
 * @param {string} node
 * @param {string[]} args
 * @param {{cwd: string, env: NodeJS.ProcessEnv}} options
 * @returns {Promise<number>} its exit code
 */
export function runProgram(node, args, { cwd, env }) {
  interruption.throwIfAborted();
  return new Promise((resolve, reject) => {
    const child = spawn(node, args, { cwd, env, stdio: "inherit" });
    forwardInterruptions((signal) => {
      // A terminal also sends Ctrl-C to the child, which may take a second one as an order to end at once.
      if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
    });
    const watch = watchParent(() => child.kill("SIGTERM"));
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearInterval(watch);
      resolve(signal ? exitCodeOf(signal) : (code ?? 1));
    });
  });
}

/**
 * Calls `onGone` when npm has ended. The shell between npm and this process passes no signals on, so a new parent is the
 * only sign that npm was stopped.
 *
 * @param {() => void} onGone
 */
function watchParent(onGone) {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.env.npm_lifecycle_event === undefined || process.ppid === parent) return;
    clearInterval(watch);
    onGone();
  }, 500);
  return watch.unref();
}
