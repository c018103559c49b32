import { setTimeout as sleep } from "node:timers/promises";

/** Thrown by a step that only waits when its worker stops. Its run stays open, and the next worker starts it. */
export class StepLeft extends Error {}

/** Waits for what others do. @throws StepLeft when the worker stops meanwhile, and the error of `signal` when that aborts */
export async function waitUnlessLeft(milliseconds: number, leave: AbortSignal, signal?: AbortSignal): Promise<void> {
  const any = signal ? AbortSignal.any([signal, leave]) : leave;
  await sleep(milliseconds, undefined, { signal: any }).catch((error) => {
    throw leave.aborted ? new StepLeft("the worker stops") : error;
  });
}

/** Leaves a run to others: what follows is never done by this process. */
export type LeaveOpen = () => Promise<never>;

/** A run at a site, and the workflow that does it. */
interface TrackedRun {
  workflow: string;
  site: string;
}

/** The runs at sites that this process has in work. */
export class RunsInWork {
  private readonly runs = new Set<TrackedRun>();
  private readonly leaving = new AbortController();
  private onEmpty: () => void = () => {};

  constructor(private readonly leaveToOthers: (workflow: string) => Promise<void>) {}

  /** Aborts when the worker stops: what only waits is left to the next worker. */
  get leave(): AbortSignal {
    return this.leaving.signal;
  }

  /** The names of their sites. */
  get sites(): string[] {
    return [...this.runs].map(({ site }) => site);
  }

  /** Does the work of a run. Nothing begins once the worker stops. */
  async track(run: TrackedRun, work: (leaveOpen: LeaveOpen) => Promise<void>): Promise<void> {
    this.runs.add(run);
    const end = () => {
      if (this.runs.delete(run) && this.runs.size === 0) this.onEmpty();
    };
    const leaveOpen = async () => {
      // When the database is away now, the worker leaves the run with all others at its end.
      await this.leaveToOthers(run.workflow).catch(() => {});
      end();
      return never();
    };
    if (this.leave.aborted) return leaveOpen();
    await work(leaveOpen).finally(end);
  }

  /** Waits for the end of all runs that do more than wait. */
  async stop(): Promise<void> {
    const empty = new Promise<void>((resolve) => {
      this.onEmpty = resolve;
    });
    this.leaving.abort(new StepLeft("the worker stops"));
    if (this.runs.size > 0) await empty;
  }
}

const never = () => new Promise<never>(() => {});
