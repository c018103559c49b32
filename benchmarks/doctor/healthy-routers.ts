import fc from "fast-check";
import type { RouterFacts } from "../../provider/diagnosis/site/facts";
import type { CounterOutput } from "../../provider/router/outputs";
import type { RouterReading } from "../../provider/router/platform";

const { array, boolean, constantFrom, integer, record, uniqueArray } = fc;

const names = (most: number) =>
  uniqueArray(constantFrom("rdp", "ssh", "web", "edge", "gate", "an_other"), { minLength: 1, maxLength: most });

/** Packets between two readings: all that match go to SPS, and rules that were written anew have counted fewer. */
const traffic = record({
  selected: integer({ min: 0, max: 1_000_000 }),
  established: integer({ min: 0, max: 1_000_000 }),
  more: integer({ min: 0, max: 1000 }),
  isReset: boolean(),
});
type Traffic = typeof traffic extends fc.Arbitrary<infer T> ? T : never;

function countersOf(
  redirection: string,
  { selected, established, more, isReset }: Traffic,
): [CounterOutput, CounterOutput] {
  const count = (selectedPackets: number, divertedPackets: number) => ({
    redirection,
    selectedPackets,
    divertedPackets,
  });
  const diverted = selected + established;
  const fewer = Math.min(more, selected);
  return [count(selected, diverted), isReset ? count(fewer, fewer) : count(selected + more, diverted + more)];
}

const settings = record({
  redirections: names(3),
  traffics: array(traffic, { minLength: 3, maxLength: 3 }),
  rules: uniqueArray(integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 30 }),
  isReadBackwards: boolean(),
  hasCounters: boolean(),
  isReadTwice: boolean(),
  hasProbes: boolean(),
  notes: constantFrom([], ["SPS 10.0.0.1 answers"], ["SPS 10.0.0.1 answers", "in sync, nothing to change"]),
  seconds: integer({ min: 1, max: 600 }),
});
type Settings = typeof settings extends fc.Arbitrary<infer T> ? T : never;

function routerOf(name: string, given: Settings): RouterFacts {
  const wantedRules = given.rules.map((rule) => `rule ${rule}`);
  const rules = given.isReadBackwards ? [...wantedRules].reverse() : wantedRules;
  const pairs = given.redirections.map((redirection, index) =>
    countersOf(redirection, given.traffics[index] as Traffic),
  );
  const reading = (at: 0 | 1): { value: RouterReading } => ({
    value: { rules, interfaces: [], counters: given.hasCounters ? pairs.map((pair) => pair[at]) : [], status: {} },
  });
  const isReadTwice = given.isReadTwice && given.hasCounters;
  return {
    name,
    object: `router ${name}`,
    redirections: given.redirections,
    wantedRules,
    reading: reading(0),
    warnings: [],
    preview: { value: { refusals: [], notes: given.notes.map((text) => ({ severity: "info" as const, text })) } },
    ...(isReadTwice && { later: reading(1) }),
    trafficSeconds: isReadTwice ? given.seconds : 0,
    pathProof: given.hasProbes || { reason: "the API has no probes" },
  };
}

/** Up to four routers whose redirections are in force, with and without clients, counters and probes. */
export const healthyRouters: fc.Arbitrary<RouterFacts[]> = fc
  .tuple(
    uniqueArray(constantFrom("edge", "gate", "core", "dmz"), { maxLength: 4 }),
    array(settings, { minLength: 4, maxLength: 4 }),
  )
  .map(([routers, all]) => routers.map((name, index) => routerOf(name, all[index] as Settings)));
