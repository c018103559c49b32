import { setMaxListeners } from "node:events";
import { setTimeout as pause } from "node:timers/promises";

/** What Node can wait for at once, in milliseconds. */
const LONGEST_PAUSE = 2 ** 31 - 1;

/**
 * The appliances' time. It starts at the wall clock and runs `speed` times as fast, so that what takes an
 * appliance a minute can be tested in a second. All durations of the simulations are appliance seconds.
 */
export class LabClock {
  private readonly origin = Date.now();
  private readonly timers = new AbortController();

  constructor(readonly speed: number = 1) {
    // Every wait listens to the one signal; Node warns of a leak from the eleventh on.
    setMaxListeners(0, this.timers.signal);
  }

  /** Appliance time now. */
  now(): Date {
    return new Date(this.origin + (Date.now() - this.origin) * this.speed);
  }

  /** Waits for a number of appliance seconds, at least by this clock; rejects once the lab is stopped. */
  async wait(seconds: number): Promise<void> {
    const end = this.now().getTime() + seconds * 1000;
    // Node's timers and the wall clock may differ by a millisecond, which is seconds on a fast clock.
    do {
      const rest = Math.max(0, end - this.now().getTime()) / this.speed;
      await pause(Math.min(rest, LONGEST_PAUSE), undefined, { signal: this.timers.signal });
    } while (this.now().getTime() < end);
  }

  /** Runs something after a number of appliance seconds, unless the lab stops before. */
  after(seconds: number, work: () => void | Promise<void>): void {
    this.wait(seconds)
      .then(work)
      .catch((error: unknown) => {
        if (!this.timers.signal.aborted) console.error("lab: timed work failed:", error);
      });
  }

  /** Ends every wait. */
  stop(): void {
    this.timers.abort();
  }
}
