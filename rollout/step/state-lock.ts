import { hostname } from "node:os";
import { contentOf, exists, startTicks } from "../engine/process-table";

/** Who holds the lock of a stack, as Pulumi's DIY backends report it. */
export interface StateLock {
  host: string;
  pid: number;
  /** When it was taken, in milliseconds since 1970. */
  since: number;
}

const HOLDER = /created by \S+?@(\S+) \(pid (\d+)\) at (\S+)/g;

/** The holders of the locks that a failure of the CLI names; undefined when it is not about a lock. */
export function locksIn(output: string): StateLock[] | undefined {
  if (!/stack is currently locked by \d+ lock/.test(output)) return undefined;
  return [...output.matchAll(HOLDER)].map(([, host = "", pid, since = ""]) => ({
    host,
    pid: Number(pid),
    since: Date.parse(since),
  }));
}

/**
 * Whether the process that took a lock is gone for certain: it ran on this machine, and either no process has its number, or the one
 * that has it started after the lock was taken. Locks of other machines are never known to be dead.
 */
export function isDead({ host, pid, since }: StateLock): boolean {
  if (host !== hostname() || Number.isNaN(since)) return false;
  if (process.platform !== "linux") return !exists(pid);
  const started = startTime(pid);
  // The system counts in hundredths of a second, and its clock may be corrected a little.
  return started === undefined || started > since + 2000;
}

/** Why a run found its stack locked, with the remedy; undefined when its failure is not about a lock. */
export function lockMessage(stack: string, output: string): string | undefined {
  const [holder] = locksIn(output) ?? [];
  if (!holder) return undefined;
  return `stack ${stack}: lock: it is locked by ${lockText(holder)}; wait for its end, or run pulumi cancel if it is dead`;
}

function lockText({ host, pid, since }: StateLock): string {
  return `process ${pid} of ${host} since ${new Date(since).toISOString()}`;
}

/** When a process started in milliseconds since 1970; undefined when it does not run. */
function startTime(pid: number): number | undefined {
  const ticks = startTicks(pid);
  if (ticks === undefined) return undefined;
  const boot = /^btime (\d+)$/m.exec(contentOf("/proc/stat"))?.[1];
  const TICKS_PER_SECOND = 100;
  return (Number(boot) + Number(ticks) / TICKS_PER_SECOND) * 1000;
}
