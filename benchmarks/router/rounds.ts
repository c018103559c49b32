import { messageOf } from "../../provider/core/errors";
import type { LabRouter } from "../../provider/resources/router-redirection/lab-router.test";
import { type Contender, type Course, type Result, Stopwatch } from "./results";

/** How much is measured. */
export interface Extent {
  /** How often an operation is measured at most. */
  runs: number;
  /** How long a case of a rival may take before it is measured less often, in seconds. */
  caseSeconds: number;
  /** No case of a rival is begun that would end after so many seconds. */
  limitSeconds: number;
  /** Is told every result. */
  note(result: Result): void;
}

/** A number of rules on a wire. */
type Case = Omit<Course, "runs">;

/** Lets contenders work on one router, one after the other. */
export class Rounds {
  private readonly started = performance.now();

  constructor(
    private readonly router: LabRouter,
    private readonly extent: Extent,
  ) {}

  /** Measures every case as often as wanted, however long it takes. */
  async always(contender: Contender, cases: readonly Case[]): Promise<void> {
    for (const one of cases) await this.measure(contender, { ...one, runs: this.extent.runs });
  }

  /** Measures the cases that take the least time first; those for which no time is left, and those that fail, are named. */
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
      const what = `${contender.name}, ${one.rules} rules at ${one.roundTripMilliseconds} ms`;
      if (affordable * expected <= left) {
        // What the rivals cannot do on this machine must not cost the product's results.
        await this.measure(contender, { ...one, runs: affordable }).catch((error: unknown) => {
          console.log(`${what}: FAILED: ${messageOf(error)}`);
        });
      } else console.log(`${what}: left out, it would take some ${Math.ceil(expected)} s`);
    }
  }

  private async measure(contender: Contender, course: Course): Promise<void> {
    await this.router.network.setDelay(course.roundTripMilliseconds / 2);
    const stopwatch = new Stopwatch(this.router);
    await contender.measure(this.router, course, stopwatch);
    for (const result of stopwatch.results(contender, course)) this.extent.note(result);
  }
}
