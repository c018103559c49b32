import { spawn } from "node:child_process";
import { exitCodeOf, forwardInterruptions, interruption } from "./interruption.mjs";

/**
 * Runs the verb's own program with our terminal and waits for it. Signals are passed on to it, and it decides when it is
 * done: the verb takes down what it has put up.
 *
 * @param {string} node
 * @param {string[]} args
 * @param {{cwd: string, env: NodeJS.ProcessEnv}} options
 * @returns {Promise<number>} its exit code
 */
export function runVerb(node, args, { cwd, env }) {
  interruption.throwIfAborted();
  return new Promise((resolve, reject) => {
    const child = spawn(node, args, { cwd, env, stdio: "inherit" });
    forwardInterruptions((signal) => {
      // A terminal gives Ctrl-C to the child as well, and a second one might mean "give up at once" there.
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
 * Tells when npm is gone: the shell by which npm starts a script passes no signal on, so the death of the parent is all
 * that reaches us when npm is told to stop.
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
