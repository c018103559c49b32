import { setMaxListeners } from "node:events";
import { setTimeout as pause } from "node:timers/promises";

/** The longest timer of Node, in milliseconds. */
const MAX_TIMEOUT_MILLISECONDS = 2 ** 31 - 1;

/**
 * The clock of the appliances. It starts at the real time and runs `speed` times as fast. All durations of the
 * simulated appliances are seconds of this clock ("appliance seconds").
 */
export class LabClock {
  private readonly origin = Date.now();
  private readonly timers = new AbortController();

  constructor(readonly speed: number = 1) {
    // All waits share this signal; Node reports a leak from the eleventh listener on.
    setMaxListeners(0, this.timers.signal);
  }

  /** Appliance time now. */
  now(): Date {
    return new Date(this.origin + (Date.now() - this.origin) * this.speed);
  }

  /** Waits at least this many appliance seconds. @throws AbortError when the lab stops. */
  async wait(seconds: number): Promise<void> {
    const end = this.now().getTime() + seconds * 1000;
    // Timers may fire a millisecond early by the wall clock, which is seconds on a fast clock.
    do {
      const rest = Math.max(0, end - this.now().getTime()) / this.speed;
      await pause(Math.min(rest, MAX_TIMEOUT_MILLISECONDS), undefined, { signal: this.timers.signal });
    } while (this.now().getTime() < end);
  }

  /** Runs `work` after this many appliance seconds, unless the lab stops first. */
  after(seconds: number, work: () => void | Promise<void>): void {
    this.wait(seconds)
      .then(work)
      .catch((error: unknown) => {
        if (!this.timers.signal.aborted) console.error("lab: scheduled work failed:", error);
      });
  }

  /** Aborts all waits. */
  stop(): void {
    this.timers.abort();
  }
}
