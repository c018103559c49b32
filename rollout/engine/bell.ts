import { setTimeout as sleep } from "node:timers/promises";

/** Tells the rollouts of this process that something was sent to them. What other processes send is found by looking. */
export class Bell {
  private readonly rung = new Set<string>();
  private readonly waiting = new Map<string, () => void>();

  ring(rollout: string): void {
    this.rung.add(rollout);
    this.waiting.get(rollout)?.();
  }

  /** Waits until the bell of a rollout rings, has rung since the last time, or the time is over. */
  async wait(rollout: string, milliseconds: number): Promise<void> {
    if (!this.rung.has(rollout)) {
      const over = new AbortController();
      this.waiting.set(rollout, () => over.abort());
      // Ends early when it rings.
      await sleep(milliseconds, undefined, { signal: over.signal }).catch(() => {});
      this.waiting.delete(rollout);
    }
    this.rung.delete(rollout);
  }
}
