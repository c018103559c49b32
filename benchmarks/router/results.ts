import type { LabRouter } from "../../provider/resources/router-redirection/lab-router.test";

/** What is measured: everything anew, once more with nothing to change, and everything away. */
export type Operation = "apply" | "refresh" | "remove";

/** What one operation cost. */
export interface Result {
  /** `pulumi-safeguard`, or the name of what it is compared with. */
  rival: string;
  operation: Operation;
  rules: number;
  roundTripMilliseconds: number;
  /** True when what outlives a restart of the router was made, looked at and taken away too. */
  persist: boolean;
  medianSeconds: number;
  /** Logins that sshd has counted during one operation. */
  connections: number;
  runs: number;
}

/** What operations are measured with. */
export interface Course {
  rules: number;
  roundTripMilliseconds: number;
  runs: number;
}

/** Something that puts rules on routers. */
export interface Contender {
  name: string;
  persist?: boolean;
  /** What one run of all its operations takes, roughly, in seconds. */
  expectedSeconds(rules: number, roundTripSeconds: number): number;
  /** Runs all its operations as often as told, and leaves the router as it was. */
  measure(router: LabRouter, course: Course, stopwatch: Stopwatch): Promise<void>;
}

/** The name that the product has among the results. */
export const PRODUCT_NAME = "pulumi-safeguard";

/** Takes the times and counts the logins of one course. */
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

/** One result as a line of text. */
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

/** How many round trips the longest wire adds to what an operation of the product takes on the shortest. */
export interface RoundTrips extends Pick<Result, "operation" | "rules" | "persist"> {
  count: number;
}

/** The round trips of each operation of the product that was measured on the shortest wire and on a longer one. */
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

function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = (sorted[(sorted.length - 1) >> 1] ?? 0) + (sorted[sorted.length >> 1] ?? 0);
  return Number((middle / 2).toFixed(3));
}
