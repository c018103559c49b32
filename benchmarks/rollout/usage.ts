import { readFileSync } from "node:fs";
import { loadavg } from "node:os";
import { machineTime } from "../common/machine-time";

const TICKS_PER_SECOND = 100;

/** The processor time that a process has used so far, and the one of its children that have ended, in seconds. On Linux. */
export function processorSeconds(pid: number): { own: number; children: number } {
  // The name of the program, in brackets, may hold anything.
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ")
    .map(Number);
  const sum = (first: number) => ((fields[first] ?? 0) + (fields[first + 1] ?? 0)) / TICKS_PER_SECOND;
  return { own: sum(11), children: sum(13) };
}

/** What the machine did while some work ran, with all that ran beside it. */
export interface MachineUse {
  seconds: number;
  /** How many processes wanted a processor in the minute before the work. */
  loadBefore: number;
  /** How much of all processors was in use. */
  busyPercent: number;
}

/** Measures some work, and the machine meanwhile. On Linux. */
export async function measured(work: () => Promise<void>): Promise<MachineUse> {
  const [loadBefore = 0] = loadavg();
  const before = machineTime();
  const started = performance.now();
  await work();
  const seconds = Math.round((performance.now() - started) / 100) / 10;
  const after = machineTime();
  const idle = (after.idle - before.idle) / (after.all - before.all);
  return { seconds, loadBefore: Math.round(loadBefore * 10) / 10, busyPercent: Math.round((1 - idle) * 100) };
}
