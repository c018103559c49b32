import { spawn } from "node:child_process";
import { rmSync } from "node:fs";

/** Removes a folder when this process ends, also after a kill. */
export interface Janitor {
  /** Removes the folder now. */
  sweep(): Promise<void>;
}

/**
 * Waits until the system closes its standard input, which happens when the parent is gone, even after kill -9. Other
 * processes of the parent end at the same moment. They may still write into the folder, which makes the removal fail, or
 * remove files themselves, after which newer versions of Node return without an error and with the folder still there.
 * The removal is therefore repeated until the folder is gone, for up to ten seconds.
 */
const PROGRAM = `
  const fs = require("node:fs");
  const folder = process.argv[1];
  const sweep = (triesLeft) => {
    try {
      fs.rmSync(folder, { recursive: true, force: true });
    } catch (error) {
      if (triesLeft === 0) throw error;
    }
    if (triesLeft > 0 && fs.existsSync(folder)) setTimeout(sweep, 50, triesLeft - 1);
  };
  process.stdin.resume().on("end", () => sweep(200));`;

/** Starts a process that outlives this one, because a killed process cannot clean up after itself. */
export function startJanitor(folder: string): Janitor {
  const child = spawn(process.execPath, ["-e", PROGRAM, folder], {
    stdio: ["pipe", "ignore", "ignore"],
    // In a process group of its own, so that Ctrl-C does not end the janitor first.
    detached: true,
    cwd: "/",
  });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  child.unref();
  return {
    async sweep() {
      // An unreferenced child would let this process exit while it waits.
      child.ref();
      child.stdin.end();
      await ended;
      // In case the janitor itself was killed.
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
