import { fork } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { LabDescription } from "../common/description";
import { findRunning, labDirectory, type RunningLab } from "../registry";
import { orderLab } from "./control";

export interface StartOrder {
  name: string;
  speed: number;
  spsCount: number;
  network: boolean;
  isForeground: boolean;
}

/** What the process that holds the lab reports once, when it is up or cannot be. */
export type StartReport = { description: LabDescription } | { problem: string };

/**
 * Starts a process that holds a lab and returns when everything answers. In the foreground the lab ends with this
 * process, else it goes on.
 */
export async function startDetached(order: StartOrder): Promise<LabDescription> {
  const holder = fork(join(__dirname, "holder.js"), [JSON.stringify(order)], {
    detached: !order.isForeground,
    // The options this process was started with need not fit there.
    execArgv: [],
    cwd: "/",
    stdio: ["ignore", "ignore", order.isForeground ? "inherit" : "ignore", "ipc"],
  });
  const report = await new Promise<StartReport>((resolve, reject) => {
    holder.once("message", (message) => resolve(message as StartReport));
    holder.once("error", reject);
    holder.once("close", (code) => resolve({ problem: `the lab's process ended with status ${code}` }));
  });
  if ("problem" in report) throw new Error(report.problem);
  if (!order.isForeground) {
    holder.disconnect();
    holder.unref();
  }
  return report.description;
}

/** The running lab of that name. @throws Error when there is none. */
export function requireRunning(name: string): RunningLab {
  const running = findRunning(name);
  if (running) return running;
  throw new Error(`No lab named ${name} runs; start one with: npm run lab -- up --name ${name}`);
}

/** Ends a lab and returns when nothing of it is left. */
export async function stopRunning(name: string): Promise<void> {
  await orderLab(requireRunning(name), { order: "down" });
  const deadline = Date.now() + 15_000;
  while (existsSync(labDirectory(name))) {
    if (Date.now() > deadline) throw new Error(`lab ${name} did not end within 15 s`);
    await pause(50);
  }
}
