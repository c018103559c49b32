import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** A process that can be told from a later one with the same number. */
export interface ProcessIdentity {
  /** The machine as far as process numbers are its own: host name, boot and process namespace. */
  machine: string;
  pid: number;
  /** When it started, in ticks since boot; empty where the system does not report it. */
  started: string;
}

export function ownIdentity(): ProcessIdentity {
  return { machine: ownMachine(), pid: process.pid, started: startOf(process.pid) ?? "" };
}

/** Whether a process lives; undefined for one of another machine. */
export function isAlive({ machine, pid, started }: ProcessIdentity): boolean | undefined {
  if (machine !== ownMachine()) return undefined;
  const now = startOf(pid);
  if (now !== undefined) return started === "" || now === started;
  return process.platform === "linux" ? false : answersSignal(pid);
}

function ownMachine(): string {
  return [hostname(), contentOf("/proc/sys/kernel/random/boot_id"), linkOf("/proc/self/ns/pid")].join(" ").trim();
}

/** The start of a process in ticks since boot, and undefined when there is none or it has ended and waits for its parent. */
function startOf(pid: number): string | undefined {
  // The name of the program, in brackets, may hold anything.
  const fields = contentOf(`/proc/${pid}/stat`)
    .replace(/^.*\) /s, "")
    .split(" ");
  return fields[0] === "Z" ? undefined : fields[19];
}

function answersSignal(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    // Only Linux has these files.
    return "";
  }
}

function linkOf(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    // Only Linux has these files.
    return "";
  }
}
