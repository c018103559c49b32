import { readFileSync } from "node:fs";
import { loadavg } from "node:os";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { readAddress } from "../../rollout/database/address";
import type { RolloutBed } from "../../rollout/testing/rollout-bed";
import { processesBelow } from "../../tests/engine/processes";
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

const round = (value: number) => Math.round(value * 10) / 10;

/** What this process keeps in memory. Garbage is collected before, because much of it is left of the start of a program. */
function liveBytes(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** The memory of processes; what several of them use counts once. On Linux. */
function bytesOf(pids: readonly number[]): number {
  const sizes = pids.map((pid) => {
    try {
      return Number(/^Pss: +(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1] ?? 0) * 1024;
    } catch {
      // It has ended.
      return 0;
    }
  });
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** What a rollout to simulated appliances in this process uses. On Linux. */
export class FarmUse {
  private readonly bytesBefore = liveBytes();
  private readonly childrenBefore = processesBelow(process.pid);
  private before = { lab: 0, workers: 0, database: 0 };
  /** Of processes that the lab has started. */
  private labChildren = 0;
  private labMegabytes = 0;
  /** Of processes that were killed before their parents could wait for them. */
  private lostSeconds = 0;

  constructor(private readonly bed: RolloutBed) {}

  /** Called when all appliances run, and before the rollout starts. */
  labStarted(): void {
    this.before = this.used();
    this.labChildren = bytesOf(processesBelow(process.pid).filter((pid) => !this.childrenBefore.includes(pid)));
    this.labMegabytes = this.labNow();
  }

  /** Called right before a worker is killed with all that it has started. */
  beforeKill(pid: number): void {
    for (const one of processesBelow(pid)) {
      try {
        const { own, children } = processorSeconds(one);
        this.lostSeconds += own + children;
      } catch {
        // It has ended, and its parent has waited for it.
      }
    }
  }

  /** Called when all workers have ended. */
  result(sites: number) {
    const now = this.used();
    const lab = round(now.lab - this.before.lab);
    const workersAndCli = round(now.workers + this.lostSeconds - this.before.workers);
    const database = round(now.database - this.before.database);
    return {
      processorSeconds: { workersAndCli, lab, database },
      processorSecondsPerSite: round((workersAndCli + lab + database) / sites),
      labMegabytes: this.labMegabytes,
      labMegabytesAtEnd: this.labNow(),
    };
  }

  private used() {
    const { own, children } = processorSeconds(process.pid);
    const { location } = this.bed;
    const server = "folder" in location ? readAddress(location.folder)?.pid : undefined;
    return { lab: own, workers: children, database: server ? processorSeconds(server).own : 0 };
  }

  private labNow(): number {
    return Math.round((liveBytes() - this.bytesBefore + this.labChildren) / 1e6);
  }
}
