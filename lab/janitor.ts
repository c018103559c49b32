import { spawn } from "node:child_process";
import { rmSync } from "node:fs";

/** Removes a folder when this process ends, however it ends. */
export interface Janitor {
  /** Removes the folder now. */
  sweep(): Promise<void>;
}

/** Waits for the end of its standard input, which the system closes when the parent is gone, even after kill -9. */
const PROGRAM = `process.stdin.resume().on("end", () => require("node:fs").rmSync(process.argv[1], { recursive: true, force: true }))`;

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
      rmSync(folder, { recursive: true, force: true });
      // Otherwise this process would end in the middle of waiting when nothing else keeps it.
      child.ref();
      child.stdin.end();
      await ended;
    },
  };
}
