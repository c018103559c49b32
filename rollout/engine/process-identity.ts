import { hostname } from "node:os";
import { contentOf, exists, linkOf, startTicks } from "./process-table";

/** A process that can be told from a later one with the same number. */
export interface ProcessIdentity {
  /** The machine as far as process numbers are its own: host name, boot and process namespace. */
  machine: string;
  pid: number;
  /** When it started, in ticks since boot; empty where the system does not report it. */
  started: string;
}

export function ownIdentity(): ProcessIdentity {
  return { machine: ownMachine(), pid: process.pid, started: startTicks(process.pid) ?? "" };
}

/** Whether a process lives; undefined for one of another machine. */
export function isAlive({ machine, pid, started }: ProcessIdentity): boolean | undefined {
  if (machine !== ownMachine()) return undefined;
  const now = startTicks(pid);
  if (now !== undefined) return started === "" || now === started;
  return process.platform === "linux" ? false : exists(pid);
}

/** Whether this process finds the processes of a machine, as `machine` of a ProcessIdentity names it. */
export const seesProcessesOf = (machine: string) => process.platform === "linux" && machine === ownMachine();

/** The machine of this process, as `machine` of a ProcessIdentity. */
export function ownMachine(): string {
  return [hostname(), contentOf("/proc/sys/kernel/random/boot_id"), linkOf("/proc/self/ns/pid")].join(" ").trim();
}
