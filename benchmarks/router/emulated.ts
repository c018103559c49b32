import type { OperationContext } from "../../provider/core/context";
import { routerRedirection } from "../../provider/resources/router-redirection/operations";
import type { RouterRedirectionKnown } from "../../provider/resources/router-redirection/schema";
import { type DelayedPort, delayedPort } from "./delayed-port";
import { median, type Operation, PRODUCT_NAME } from "./results";

/** Redirected server networks of every measurement. */
export const NETWORKS = 200;

/** The server networks, as prefixes. */
export const SERVERS = Array.from(
  { length: NETWORKS },
  (_, index) => `10.${1 + (index >> 7)}.${(index & 127) * 2}.0/24`,
);

const ROUND_TRIPS = [0, 20];

/** A running emulated router on which the product and a rival do the same. */
export interface EmulatedSubject {
  /** Where it listens, without a delay. */
  endpoint: { address: string; port: number };
  /** The running configuration as text. */
  running(): string;
  /** What is counted: logins, or requests where a router knows no logins. */
  counted: "logins" | "requests";
  /** How many of them there were so far. */
  count(): number;
  /** Inputs that redirect SERVERS, for a router on this port of 127.0.0.1. */
  inputs(port: number): Promise<RouterRedirectionKnown>;
  context(): OperationContext;
  /** A public way to do the same; undefined where it is not installed. */
  rival: EmulatedRival | undefined;
  stop(): Promise<void>;
}

/** A public way to apply the same configuration, to find that nothing is left to change, and to remove it. */
export interface EmulatedRival {
  name: string;
  /** Does all operations once through a port of 127.0.0.1. Throws when one did not work. */
  round(port: number, time: Timer): Promise<void>;
}

/** Measures a piece of work as an operation; the work may return seconds that it measured itself. */
export type Timer = (operation: Operation, work: () => Promise<unknown>) => Promise<void>;

/** One measured operation, by its median. */
interface EmulatedResult {
  rival: string;
  operation: Operation;
  networks: number;
  roundTripMilliseconds: number;
  medianSeconds: number;
  /** Logins or requests at the router during one operation. */
  counted: EmulatedSubject["counted"];
  count: number;
}

/** Applies, refreshes and removes 200 networks on an emulated router, and so does the rival; prints the ratios. */
export async function emulatedRounds(subject: EmulatedSubject, runs: number, isJson: boolean): Promise<void> {
  const results: EmulatedResult[] = [];
  const { rival } = subject;
  try {
    for (const roundTripMilliseconds of ROUND_TRIPS) {
      const proxy = await delayedPort(subject.endpoint.address, subject.endpoint.port, roundTripMilliseconds);
      const contend = async (name: string, round: (time: Timer) => Promise<void>) => {
        const watch = new Watch(subject);
        for (let run = 0; run < runs; run += 1) {
          const before = subject.running();
          await round((operation, work) => watch.time(operation, work));
          if (subject.running() !== before) throw new Error(`${name}: not as before`);
        }
        const { counted } = subject;
        for (const { operation, medianSeconds, count } of watch.medians()) {
          const result = { operation, networks: NETWORKS, roundTripMilliseconds, medianSeconds, counted, count };
          results.push({ rival: name, ...result });
          const what = `${name.padEnd(20)} ${operation.padEnd(7)} ${NETWORKS} networks, ${roundTripMilliseconds} ms`;
          console.log(`${what}: ${medianSeconds} s, ${count} ${counted}`);
        }
      };
      try {
        await contend(PRODUCT_NAME, (time) => productRound(subject, proxy, time));
        if (rival) await contend(rival.name, (time) => rival.round(proxy.port, time));
      } finally {
        proxy.stop();
      }
    }
  } finally {
    await subject.stop();
  }
  const ratios = ratiosOf(results);
  for (const [name, ratio] of Object.entries(ratios))
    console.log(`${rival?.name} takes ${ratio} times as long: ${name}`);
  if (isJson) console.log(JSON.stringify({ results, ratios }));
}

async function productRound(subject: EmulatedSubject, { port }: DelayedPort, time: Timer): Promise<void> {
  const inputs = await subject.inputs(port);
  let created: Awaited<ReturnType<typeof routerRedirection.create>> | undefined;
  await time("apply", async () => {
    created = await routerRedirection.create(inputs, subject.context());
  });
  if (!created) throw new Error("not created");
  const { id, state } = created;
  let found: Awaited<ReturnType<typeof routerRedirection.read>>;
  await time("refresh", async () => {
    found = await routerRedirection.read(id, state, subject.context());
  });
  const rules = (state.rules ?? []).join("\n");
  const isMissing = SERVERS.some((network) => !rules.includes(`${network.split("/")[0]}`));
  if (found?.state.rules?.join("\n") !== rules || isMissing) throw new Error("not as applied");
  await time("remove", () => routerRedirection.delete(id, state, subject.context()));
}

/** Durations and counts of the operations of one rival. */
class Watch {
  private readonly seconds = new Map<Operation, number[]>();
  private readonly counts = new Map<Operation, number>();

  constructor(private readonly subject: EmulatedSubject) {}

  async time(operation: Operation, work: () => Promise<unknown>): Promise<void> {
    const [before, started] = [this.subject.count(), performance.now()];
    const answer = await work();
    const seconds = typeof answer === "number" ? answer : (performance.now() - started) / 1000;
    this.seconds.set(operation, [...(this.seconds.get(operation) ?? []), seconds]);
    this.counts.set(operation, this.subject.count() - before);
  }

  medians(): Pick<EmulatedResult, "operation" | "medianSeconds" | "count">[] {
    return [...this.seconds].map(([operation, seconds]) => ({
      operation,
      medianSeconds: median(seconds),
      count: this.counts.get(operation) ?? 0,
    }));
  }
}

/** How many times longer the rival takes, by operation and round trip. */
function ratiosOf(results: readonly EmulatedResult[]): Record<string, number> {
  const entries = results
    .filter(({ rival }) => rival !== PRODUCT_NAME)
    .flatMap((other): [string, number][] => {
      const own = results.find(
        ({ rival, operation, roundTripMilliseconds }) =>
          rival === PRODUCT_NAME &&
          operation === other.operation &&
          roundTripMilliseconds === other.roundTripMilliseconds,
      );
      const ratio = own ? Number((other.medianSeconds / own.medianSeconds).toFixed(1)) : 0;
      return [[`${other.operation}, ${other.roundTripMilliseconds} ms`, ratio]];
    });
  return Object.fromEntries(entries);
}
