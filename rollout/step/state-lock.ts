import { hostname } from "node:os";
import {
  argumentsOf,
  contentOf,
  exists,
  processesNumbered,
  seesAllProcesses,
  startTicks,
} from "../engine/process-table";

/** Who holds the lock of a stack, as Pulumi's DIY backends report it. */
export interface StateLock {
  host: string;
  pid: number;
  /** When it was taken, in milliseconds since 1970. */
  since: number;
}

/** The locks of a stack. */
export interface StateLocks {
  /** How many there are. */
  count: number;
  /** The holders that the failure names in a form that is known. */
  holders: StateLock[];
}

/** User names may hold blanks and `@`. */
const HOLDER = /^.*: created by .*@(\S+) \(pid (\d+)\) at (\S+)\s*$/gm;

/** What Pulumi Cloud and other backends with its interface answer; they do not name the holder. The CLI prints the answer after its status. */
const CLOUD_CONFLICT = /\[409\] Conflict: Another update is currently in progress/i;

/**
 * The locks that a failure of the CLI names; undefined when it is not about a lock. The DIY backends (file, S3, Azure, Google, PostgreSQL)
 * share one wording. Words of pulumi/pkg v3.259.0: backend/diy/lock.go and backend/httpstate/backend.go.
 */
export function locksIn(output: string): StateLocks | undefined {
  const counts = [...output.matchAll(/stack is currently locked by (\d+) lock/g)].map(([, count]) => Number(count));
  if (counts.length === 0) return CLOUD_CONFLICT.test(output) ? { count: 1, holders: [] } : undefined;
  // The CLI may repeat its failure.
  const holders = new Map(
    [...output.matchAll(HOLDER)].map(([line, host = "", pid, since = ""]) => [
      line.trim(),
      { host, pid: Number(pid), since: Date.parse(since) },
    ]),
  );
  return { count: Math.max(...counts), holders: [...holders.values()] };
}

/** Whether each lock is read and its holder is dead for certain, so that nobody's run loses its lock. */
export function areDead({ count, holders }: StateLocks): boolean {
  return holders.length === count && holders.every(isDead);
}

/**
 * Whether the process that took a lock is gone for certain: it ran on this machine, and each process that has its number now is no Pulumi
 * and started after the lock was taken. A lock names no PID namespace, so that nothing is certain where processes of others are hidden.
 */
export function isDead({ host, pid, since }: StateLock): boolean {
  if (host !== hostname() || Number.isNaN(since)) return false;
  if (process.platform !== "linux") return !exists(pid);
  if (!seesAllProcesses()) return false;
  // The system counts in hundredths of a second, and its clock may be corrected a little.
  return processesNumbered(pid).every(
    (number) => (startTime(number) ?? Number.POSITIVE_INFINITY) > since + 2000 && !mayBeCli(number),
  );
}

/** A clock that is set makes a process look younger than the lock that it holds. What is no Pulumi cannot be its holder. */
const mayBeCli = (pid: number) => argumentsOf(pid).some((argument) => /(^|[\\/])pulumi(\.exe)?$/.test(argument));

/** Why a run found its stack locked, with the remedy; undefined when its failure is not about a lock. */
export function lockMessage(stack: string, output: string): string | undefined {
  const locks = locksIn(output);
  return locks && `stack ${stack}: lock: it is locked by ${holderText(locks)}; ${remedyOf(stack)}`;
}

/** What a run waits for that found its stack locked, with the remedy. */
export const lockHolder = (stack: string, locks: StateLocks) =>
  `the lock of its stack by ${holderText(locks)}; ${remedyOf(stack)}`;

const remedyOf = (stack: string) => `wait for its end, or run pulumi cancel --stack ${stack} if it is dead`;

const holderText = ({ holders: [holder] }: StateLocks) =>
  holder ? lockText(holder) : "a process that Pulumi's message does not name";

function lockText({ host, pid, since }: StateLock): string {
  const time = Number.isNaN(since) ? "" : ` since ${new Date(since).toISOString()}`;
  return `process ${pid} of ${host}${time}`;
}

/** When a process started in milliseconds since 1970; undefined when it does not run. */
function startTime(pid: number): number | undefined {
  const ticks = startTicks(pid);
  if (ticks === undefined) return undefined;
  const boot = /^btime (\d+)$/m.exec(contentOf("/proc/stat"))?.[1];
  const TICKS_PER_SECOND = 100;
  return (Number(boot) + Number(ticks) / TICKS_PER_SECOND) * 1000;
}
