import { spawn } from "node:child_process";
import { rmSync } from "node:fs";

/** Removes a folder when this process ends, however it ends. */
export interface Janitor {
  /** Removes the folder now. */
  sweep(): Promise<void>;
}

/**
 * Waits for the end of its standard input, which the system closes when the parent is gone, even after kill -9. The
 * other processes of the parent end at the same time and may still write or remove files there, at which a removal of
 * the whole folder can stumble; hence it begins anew, for ten seconds at most.
 */
const PROGRAM = `
  const folder = process.argv[1];
  const sweep = (triesLeft) => {
    try {
      require("node:fs").rmSync(folder, { recursive: true, force: true });
    } catch (error) {
      if (triesLeft === 0) throw error;
      setTimeout(sweep, 50, triesLeft - 1);
    }
  };
  process.stdin.resume().on("end", () => sweep(200));`;

/** A process of its own that outlives this one by a moment: nobody else can clean up after a killed process. */
export function startJanitor(folder: string): Janitor {
  const child = spawn(process.execPath, ["-e", PROGRAM, folder], {
    stdio: ["pipe", "ignore", "ignore"],
    // Ctrl-C reaches this process alone; the janitor ends after it.
    detached: true,
    cwd: "/",
  });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  child.unref();
  return {
    async sweep() {
      // Otherwise this process would end in the middle of waiting when nothing else keeps it.
      child.ref();
      child.stdin.end();
      await ended;
      // Where the janitor itself was killed.
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
