import { readFileSync } from "node:fs";
import { Client } from "ssh2";
import { operationContext } from "../provider/core/context";
import { LabRouter } from "../provider/resources/router-redirection/lab-router.test";
import { routerRedirection } from "../provider/resources/router-redirection/operations";
import type { RouterRedirectionKnown } from "../provider/resources/router-redirection/schema";

/*
 * What it costs to apply, look at and remove redirections of many rules: `npm run bench -- router [--quick] [--full]
 * [--json]`. Ten runs each, or two with `--quick`. The rival sends one command for each rule, one after the other, over
 * one ssh2 connection, protects nothing and reads nothing back; what takes it too long is left out, unless `--full`.
 * With `--json` the last line is the result as one object; `roundTrips` tells what the seconds that come with the
 * length of the wire amount to.
 */
interface Result {
  operation: "apply" | "read" | "remove";
  rules: number;
  roundTripMilliseconds: number;
  medianSeconds: number;
  /** Logins that sshd has counted during one operation. */
  connections: number;
  runs: number;
  rival: "pulumi-safeguard" | "one command per rule";
}

const RULES = [10, 100, 1000];
const ROUND_TRIPS = [0, 20, 100];
const LIMIT_SECONDS = 240;
/** How long a case of the rival may take in all before it is measured less often than ten times, in seconds. */
const RIVAL_CASE_SECONDS = 20;
const FULL_LIMIT_SECONDS = 1500;

const isFull = process.argv.includes("--full");
const RUNS = process.argv.includes("--quick") ? 2 : 10;
const started = performance.now();
const isTimeLeft = (seconds: number) =>
  (performance.now() - started) / 1000 + seconds < (isFull ? FULL_LIMIT_SECONDS : LIMIT_SECONDS);

async function main(): Promise<void> {
  const router = await LabRouter.start(`bench-${process.pid}`);
  const results: Result[] = [];
  const note = (result: Result) => {
    results.push(result);
    const { operation, rules, roundTripMilliseconds, medianSeconds, connections, runs, rival } = result;
    const cells = [
      rival.padEnd(20),
      operation.padEnd(6),
      `${rules}`.padStart(5),
      `${roundTripMilliseconds} ms`.padStart(7),
    ];
    console.log(`${cells.join("  ")}  ${medianSeconds.toFixed(3)} s  (median of ${runs}, ${connections} connections)`);
  };
  try {
    const rivals = rivalCases();
    const measure = async ({ rules, roundTrip }: RivalCase) => {
      await router.network.setDelay(roundTrip / 2);
      const { expectedSeconds } = rivals.find((one) => one.rules === rules && one.roundTrip === roundTrip) ?? {};
      const runs = Math.max(1, Math.min(RUNS, Math.floor(RIVAL_CASE_SECONDS / (expectedSeconds ?? 1))));
      await measureRival(router, rules, roundTrip, runs, note);
    };
    for (const one of rivals.filter(({ expectedSeconds }) => expectedSeconds <= 5)) await measure(one);
    for (const roundTrip of ROUND_TRIPS) {
      await router.network.setDelay(roundTrip / 2);
      for (const rules of RULES) await measureProduct(router, rules, roundTrip, RUNS, note);
    }
    for (const one of rivals.filter(({ expectedSeconds }) => expectedSeconds > 5)) {
      if (isTimeLeft(one.expectedSeconds)) await measure(one);
      else
        console.log(
          `one command per rule  ${one.rules} rules at ${one.roundTrip} ms: left out, some ${one.expectedSeconds} s`,
        );
    }
  } finally {
    await router.network.setDelay(0);
    await router.stop();
  }
  const roundTrips = roundTripsOf(results);
  for (const { operation, rules, count } of roundTrips) {
    console.log(`pulumi-safeguard  ${operation} of ${rules} rules: ${count} round trips`);
  }
  if (process.argv.includes("--json")) console.log(JSON.stringify({ results, roundTrips }));
}

/** How many round trips the longest wire adds to what an operation of the product takes on the shortest. */
function roundTripsOf(results: readonly Result[]): { operation: string; rules: number; count: number }[] {
  const own = results.filter(({ rival }) => rival === "pulumi-safeguard");
  return own
    .filter(({ roundTripMilliseconds }) => roundTripMilliseconds === Math.max(...ROUND_TRIPS))
    .map(({ operation, rules, roundTripMilliseconds, medianSeconds }) => {
      const near = own.find(
        (one) => one.operation === operation && one.rules === rules && one.roundTripMilliseconds === 0,
      );
      const count = (medianSeconds - (near?.medianSeconds ?? 0)) / (roundTripMilliseconds / 1000);
      return { operation, rules, count: Number(count.toFixed(1)) };
    });
}

interface RivalCase {
  rules: number;
  roundTrip: number;
  /** For apply and removal together. */
  expectedSeconds: number;
}

/** What the rival is tried with, quick ones first. Each command opens a channel and runs in it: two round trips. */
function rivalCases(): RivalCase[] {
  const cases = ROUND_TRIPS.flatMap((roundTrip) =>
    RULES.map((rules) => ({
      rules,
      roundTrip,
      expectedSeconds: Math.ceil(rules * (0.04 + (2 * roundTrip) / 1000) * 2),
    })),
  );
  return cases.sort((left, right) => left.expectedSeconds - right.expectedSeconds);
}

/** Inputs whose redirection needs this many rules in all: one for each server, and the one that marks packets. */
async function inputsOf(router: LabRouter, rules: number): Promise<RouterRedirectionKnown> {
  const serverCidrs = Array.from({ length: rules - 1 }, (_, index) => `10.${1 + (index >> 8)}.${index & 255}.0/24`);
  return await router.inputs({ redirections: [router.redirection({ serverCidrs })] });
}

async function measureProduct(
  router: LabRouter,
  rules: number,
  roundTripMilliseconds: number,
  runs: number,
  note: (result: Result) => void,
): Promise<void> {
  const inputs = await inputsOf(router, rules);
  const times = { apply: [] as number[], read: [] as number[], remove: [] as number[] };
  const logins = { apply: 0, read: 0, remove: 0 };
  const timed = async <T>(operation: keyof typeof times, work: () => Promise<T>): Promise<T> => {
    const before = await loginsOf(router);
    const start = performance.now();
    const answer = await work();
    times[operation].push((performance.now() - start) / 1000);
    logins[operation] = (await loginsOf(router)) - before;
    return answer;
  };
  for (let run = 0; run < runs; run += 1) {
    const { id, state } = await timed("apply", () => routerRedirection.create(inputs, operationContext()));
    await timed("read", () => routerRedirection.read(id, state, operationContext()));
    await timed("remove", () => routerRedirection.delete(id, state, operationContext()));
  }
  for (const operation of ["apply", "read", "remove"] as const) {
    const connections = logins[operation];
    const medianSeconds = median(times[operation]);
    note({ operation, rules, roundTripMilliseconds, medianSeconds, connections, runs, rival: "pulumi-safeguard" });
  }
}

async function measureRival(
  router: LabRouter,
  rules: number,
  roundTripMilliseconds: number,
  runs: number,
  note: (result: Result) => void,
): Promise<void> {
  const chain = "RIVAL";
  const rule = (index: number) =>
    `${chain} -i rcli -d 10.${1 + (index >> 8)}.${index & 255}.0/24 -p tcp --dport 3389 -j CONNMARK --set-mark 2/0xff`;
  const indexes = Array.from({ length: rules }, (_, index) => index);
  await router.run(`iptables -t mangle -N ${chain}`);
  const times = { apply: [] as number[], remove: [] as number[] };
  const before = await loginsOf(router);
  for (let run = 0; run < runs; run += 1) {
    for (const operation of ["apply", "remove"] as const) {
      const letter = operation === "apply" ? "A" : "D";
      const start = performance.now();
      await overOneConnection(
        router,
        indexes.map((index) => `iptables -t mangle -${letter} ${rule(index)}`),
      );
      times[operation].push((performance.now() - start) / 1000);
    }
  }
  const connections = ((await loginsOf(router)) - before) / (2 * runs);
  for (const operation of ["apply", "remove"] as const) {
    const medianSeconds = median(times[operation]);
    note({ operation, rules, roundTripMilliseconds, medianSeconds, connections, runs, rival: "one command per rule" });
  }
  await router.run(`iptables -t mangle -F ${chain}; iptables -t mangle -X ${chain}`);
}

async function overOneConnection(router: LabRouter, commands: readonly string[]): Promise<void> {
  const { address, port, username, privateKeyFile } = router.network.description.router;
  const client = new Client();
  await new Promise<void>((resolve, reject) => {
    client.once("ready", resolve).once("error", reject);
    client.connect({ host: address, port, username, privateKey: readFileSync(privateKeyFile, "utf8") });
  });
  try {
    for (const command of commands) {
      await new Promise<void>((resolve, reject) => {
        client.exec(command, (error, channel) => {
          if (error) return reject(error);
          channel.on("close", (status: number) =>
            status === 0 ? resolve() : reject(new Error(`${command}: ${status}`)),
          );
          channel.resume();
          channel.stderr.resume();
        });
      });
    }
  } finally {
    client.end();
  }
}

async function loginsOf(router: LabRouter): Promise<number> {
  return Number(await router.run("grep -c 'Accepted publickey' /run/safeguard-lab/sshd.log || true"));
}

function median(times: readonly number[]): number {
  const sorted = [...times].sort((left, right) => left - right);
  return Number((sorted[Math.floor(sorted.length / 2)] ?? 0).toFixed(3));
}

void main();
