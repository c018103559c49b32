import { messageOf } from "../../provider/core/errors";
import type { LabRouter } from "../../provider/resources/router-redirection/lab-router.test";
import { type Contender, type Course, type Result, Stopwatch } from "./results";

/** The limits of the measurements. */
export interface Extent {
  /** How often an operation is measured at most. */
  runs: number;
  /** A rival's case that takes longer than this, in seconds, is measured less often. */
  caseSeconds: number;
  /** A rival's case that would end later than this, in seconds, is left out. */
  limitSeconds: number;
  /** Receives every result. */
  note(result: Result): void;
}

/** A number of rules and a network delay. */
type Case = Omit<Course, "runs">;

/** Measures contenders on one router, one after another. */
export class Rounds {
  private readonly started = performance.now();

  constructor(
    private readonly router: LabRouter,
    private readonly extent: Extent,
  ) {}

  /** Measures every case `runs` times, without a time limit. */
  async always(contender: Contender, cases: readonly Case[]): Promise<void> {
    for (const one of cases) await this.measure(contender, { ...one, runs: this.extent.runs });
  }

  /** Measures the fastest cases first; prints a line for each case that fails or has no time left. */
  async whileTimeIsLeft(entries: readonly { contender: Contender; cases: readonly Case[] }[]): Promise<void> {
    const { runs, caseSeconds, limitSeconds } = this.extent;
    const all = entries.flatMap(({ contender, cases }) =>
      cases.map((one) => {
        const expected = contender.expectedSeconds(one.rules, one.roundTripMilliseconds / 1000);
        return { contender, one, expected };
      }),
    );
    all.sort((left, right) => left.expected - right.expected);
    for (const { contender, one, expected } of all) {
      const affordable = Math.max(1, Math.min(runs, Math.floor(caseSeconds / expected)));
      const left = limitSeconds - (performance.now() - this.started) / 1000;
      const name = `${contender.name}, ${one.rules} rules at ${one.roundTripMilliseconds} ms`;
      if (affordable * expected <= left) {
        // A rival that fails on this machine must not cost the product's results.
        await this.measure(contender, { ...one, runs: affordable }).catch((error: unknown) => {
          console.log(`${name}: FAILED: ${messageOf(error)}`);
        });
      } else console.log(`${name}: left out, it would take about ${Math.ceil(expected)} s`);
    }
  }

  private async measure(contender: Contender, course: Course): Promise<void> {
    await this.router.network.setDelay(course.roundTripMilliseconds / 2);
    const stopwatch = new Stopwatch(this.router);
    await contender.measure(this.router, course, stopwatch);
    for (const result of stopwatch.results(contender, course)) this.extent.note(result);
  }
}
