import { fork } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { LabDescription } from "../common/description";
import { findRunning, labDirectory, type RunningLab } from "../registry";
import type { RouterKind } from "../router-kinds";
import { sendCommand } from "./control";

/** Parameters of the process of a lab. */
export interface StartOptions {
  name: string;
  speed: number;
  spsCount: number;
  network: boolean;
  router: RouterKind;
  isForeground: boolean;
}

/** The one message of the lab's process: its description, or why the start failed. */
export type StartResult = { description: LabDescription } | { failure: string };

/**
 * Starts a lab in a process of its own and returns when all of it responds. In the foreground the lab stops with this
 * process; in the background it keeps running.
 * @throws Error when the lab cannot start.
 */
export async function startLab(options: StartOptions): Promise<LabDescription> {
  const daemon = fork(join(__dirname, "daemon.js"), [JSON.stringify(options)], {
    detached: !options.isForeground,
    // Node options of this process, such as a debugger port, must not apply to the daemon.
    execArgv: [],
    cwd: "/",
    stdio: ["ignore", "ignore", options.isForeground ? "inherit" : "ignore", "ipc"],
  });
  const result = await new Promise<StartResult>((resolve, reject) => {
    daemon.once("message", (message) => resolve(message as StartResult));
    daemon.once("error", reject);
    daemon.once("close", (code) =>
      resolve({ failure: `lab ${options.name}: start: its process ended with status ${code}` }),
    );
  });
  if ("failure" in result) throw new Error(result.failure);
  if (!options.isForeground) {
    daemon.disconnect();
    daemon.unref();
  }
  return result.description;
}

/** The running lab with this name. @throws Error when there is none. */
export function requireRunning(name: string): RunningLab {
  const running = findRunning(name);
  if (running) return running;
  throw new Error(`lab ${name}: not running; start it with: npm run lab -- up --name ${name}`);
}

/** Stops a lab and returns when everything it started is gone. */
export async function stopLab(name: string): Promise<void> {
  await sendCommand(requireRunning(name), { command: "down" });
  const deadline = Date.now() + 15_000;
  while (existsSync(labDirectory(name))) {
    if (Date.now() > deadline) throw new Error(`lab ${name}: stop: still running after 15 s`);
    await pause(50);
  }
}
