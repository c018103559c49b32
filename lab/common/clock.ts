import { setMaxListeners } from "node:events";
import { setTimeout as pause } from "node:timers/promises";

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

  /** Waits for a number of appliance seconds; rejects once the lab is stopped. */
  async wait(seconds: number): Promise<void> {
    await pause((seconds * 1000) / this.speed, undefined, { signal: this.timers.signal });
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
