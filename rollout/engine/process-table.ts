import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** The start of a process in ticks since boot, on Linux; undefined when there is none or it has ended and waits for its parent. */
export function startTicks(pid: number): string | undefined {
  // The name of the program, in brackets, may hold anything.
  const fields = contentOf(`/proc/${pid}/stat`)
    .replace(/^.*\) /s, "")
    .split(" ");
  return fields[0] === "Z" ? undefined : fields[19];
}

/** Whether a process is suspended, on Linux. */
export function isSuspended(pid: number): boolean {
  return /^.*\) [Tt] /s.test(contentOf(`/proc/${pid}/stat`));
}

/** Whether a process with this number exists, also one of another user. */
export function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** The first PID namespace of a Linux kernel; its number is fixed (include/linux/proc_ns.h). */
const FIRST_PID_NAMESPACE = "pid:[4026531836]";

/** Whether this process sees the processes of all PID namespaces and users of its machine, on Linux. */
export function seesAllProcesses(): boolean {
  return linkOf("/proc/self/ns/pid") === FIRST_PID_NAMESPACE && startTicks(1) !== undefined;
}

/** The processes that have a number in any PID namespace that this process sees, by their numbers here. On Linux. */
export function processesNumbered(pid: number): number[] {
  return allProcesses().filter((number) => numbersIn(contentOf(`/proc/${number}/status`)).includes(pid));
}

/** Processes by the value of a variable of their environment. */
type ProcessesByValue = ReadonlyMap<string, readonly number[]>;

/** Readings of the environments of all processes start at least this long apart: on a busy machine one takes many milliseconds. */
const READINGS_APART_MS = 50;
/** The reading that comes next, for each variable that somebody waits for. */
const comingReadings = new Map<string, Promise<ProcessesByValue>>();
let latestReading = Number.NEGATIVE_INFINITY;

/**
 * The processes that have a variable in their environment, by its value, as far as this user sees them. On Linux; none elsewhere. Whoever asks
 * gets a reading that starts afterwards; many who ask within a short time share one.
 */
export function processesByVariable(name: string): Promise<ProcessesByValue> {
  const known = comingReadings.get(name);
  if (known !== undefined) return known;
  const reading = sleep(Math.max(0, latestReading + READINGS_APART_MS - performance.now())).then(() => {
    comingReadings.delete(name);
    latestReading = performance.now();
    return readProcesses(`${name}=`);
  });
  comingReadings.set(name, reading);
  return reading;
}

function readProcesses(prefix: string): ProcessesByValue {
  const found = new Map<string, number[]>();
  if (process.platform !== "linux") return found;
  for (const pid of allProcesses()) {
    const entry = contentOf(`/proc/${pid}/environ`)
      .split("\0")
      .find((one) => one.startsWith(prefix));
    if (entry === undefined) continue;
    const value = entry.slice(prefix.length);
    found.set(value, [...(found.get(value) ?? []), pid]);
  }
  return found;
}

/** The command line of a process, on Linux; empty when it has ended. */
export const argumentsOf = (pid: number) => contentOf(`/proc/${pid}/cmdline`).replace(/\0$/, "").split("\0");

function allProcesses(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** A process has one number in its own PID namespace, and one in each that contains it. */
function numbersIn(status: string): number[] {
  const numbers = /^NSpid:(.*)$/m.exec(status) ?? /^Pid:(.*)$/m.exec(status);
  return (numbers?.[1] ?? "").trim().split(/\s+/).map(Number);
}

/** The target of a link of the kernel; empty where the system does not have it. */
export function linkOf(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return "";
  }
}

/** The text of a file of the kernel; empty where the system does not have it. */
export function contentOf(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    return "";
  }
}
