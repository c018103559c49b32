import type { LabRouter } from "../../provider/resources/router-redirection/lab-router.test";

/** The measured operations: create all rules, run again without changes, remove all rules. */
export type Operation = "apply" | "refresh" | "remove";

/** The cost of one operation. */
export interface Result {
  /** `pulumi-safeguard` or the name of a rival. */
  rival: string;
  operation: Operation;
  rules: number;
  roundTripMilliseconds: number;
  /** True when the redirection was also stored for restarts. */
  persist: boolean;
  medianSeconds: number;
  /** Logins that sshd logged during one operation. */
  connections: number;
  runs: number;
}

/** The parameters of a measurement. */
export interface Course {
  rules: number;
  roundTripMilliseconds: number;
  runs: number;
}

/** A program that applies rules to routers. */
export interface Contender {
  name: string;
  persist?: boolean;
  /** Roughly how long one run of all operations takes, in seconds. */
  expectedSeconds(rules: number, roundTripSeconds: number): number;
  /** Runs all operations `course.runs` times and restores the router. */
  measure(router: LabRouter, course: Course, stopwatch: Stopwatch): Promise<void>;
}

/** The product's name in the results. */
export const PRODUCT_NAME = "pulumi-safeguard";

/** Measures durations and counts logins. */
export class Stopwatch {
  private readonly seconds = new Map<Operation, number[]>();
  private readonly logins = new Map<Operation, number>();

  constructor(private readonly router: LabRouter) {}

  async time<T>(operation: Operation, work: () => Promise<T>): Promise<T> {
    const before = await this.loginsUntilNow();
    const started = performance.now();
    const answer = await work();
    const seconds = (performance.now() - started) / 1000;
    this.seconds.set(operation, [...(this.seconds.get(operation) ?? []), seconds]);
    this.logins.set(operation, (await this.loginsUntilNow()) - before);
    return answer;
  }

  results({ name, persist = false }: Contender, { rules, roundTripMilliseconds }: Course): Result[] {
    return [...this.seconds].map(([operation, seconds]) => ({
      rival: name,
      operation,
      rules,
      roundTripMilliseconds,
      persist,
      medianSeconds: median(seconds),
      connections: this.logins.get(operation) ?? 0,
      runs: seconds.length,
    }));
  }

  private async loginsUntilNow(): Promise<number> {
    return Number(await this.router.run("grep -c 'Accepted publickey' /run/safeguard-lab/sshd.log || true"));
  }
}

/** Formats one result. */
export function lineOf({ rival, operation, rules, roundTripMilliseconds, persist, ...rest }: Result): string {
  const cells = [
    rival.padEnd(27),
    operation.padEnd(7),
    `${rules}`.padStart(5),
    `${roundTripMilliseconds} ms`.padStart(7),
    `${rest.medianSeconds.toFixed(3)} s`.padStart(9),
  ];
  return `${cells.join("  ")}  (median of ${rest.runs}, ${rest.connections} connections${persist ? ", persist" : ""})`;
}

/** The number of round trips that explains how much longer an operation takes with the greatest network delay. */
export interface RoundTrips extends Pick<Result, "operation" | "rules" | "persist"> {
  count: number;
}

/** The round trips of each operation of the product that was measured without and with network delay. */
export function roundTripsOf(results: readonly Result[]): RoundTrips[] {
  const own = results.filter(({ rival }) => rival === PRODUCT_NAME);
  const longest = Math.max(...own.map(({ roundTripMilliseconds }) => roundTripMilliseconds));
  return own
    .filter(({ roundTripMilliseconds }) => roundTripMilliseconds === longest)
    .flatMap(({ operation, rules, persist, medianSeconds }) => {
      const near = own.find(
        (one) =>
          one.operation === operation &&
          one.rules === rules &&
          one.persist === persist &&
          one.roundTripMilliseconds === 0,
      );
      if (!near) return [];
      const count = (medianSeconds - near.medianSeconds) / (longest / 1000);
      return { operation, rules, persist, count: Number(count.toFixed(1)) };
    });
}

/** The median, in milliseconds' precision. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = (sorted[(sorted.length - 1) >> 1] ?? 0) + (sorted[sorted.length >> 1] ?? 0);
  return Number((middle / 2).toFixed(3));
}
