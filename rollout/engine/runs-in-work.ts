/** Thrown by a step that only waits when its worker stops. Its run stays open, and the next worker starts it. */
export class StepLeft extends Error {}

/** Leaves a run open: what follows is never done by this process. */
export type LeaveOpen = () => Promise<never>;

/** The runs at sites that this process has in work. */
export class RunsInWork {
  private readonly runs = new Map<symbol, string>();
  private readonly leaving = new AbortController();
  private onEmpty: () => void = () => {};

  /** Aborts when the worker stops: what only waits is left to the next worker. */
  get leave(): AbortSignal {
    return this.leaving.signal;
  }

  /** The names of their sites. */
  get sites(): string[] {
    return [...this.runs.values()];
  }

  /** Does the work of a run. Nothing begins once the worker stops. */
  async track(site: string, work: (leaveOpen: LeaveOpen) => Promise<void>): Promise<void> {
    if (this.leave.aborted) return never();
    const key = Symbol(site);
    this.runs.set(key, site);
    const end = () => {
      if (this.runs.delete(key) && this.runs.size === 0) this.onEmpty();
    };
    const leaveOpen = () => {
      end();
      return never();
    };
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
