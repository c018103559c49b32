import assert from "node:assert/strict";
import fc from "fast-check";
import { canonicalRedirection, type Redirection } from "../../redirection";
import { backendProblems } from "../backends/backends";
import type { BackendName } from "../model/backend-names";
import { type Desired, desiredState, NOTHING } from "../model/desired";
import { nextHopProblems } from "../model/next-hops";
import type { LinuxOptions } from "../model/options";
import { desiredLines, foundLines } from "../plan/lines";
import { planChanges } from "../plan/plan";
import { requirePreconditions } from "../plan/preconditions";
import { contextOn, INTERFACES, plan } from "./planning-bench.test";
import { SimulatedRouter } from "./simulated-router.test";

/** What redirections are generated for: a router's interfaces, and the SPS behind them. */
export interface World {
  clientInterfaces: string[];
  serverInterfaces: string[];
  sps: { spsAddress: string; spsInterface: string }[];
}

/** The simulated router. */
export const SIMULATED: World = {
  clientInterfaces: ["c0", "c1"],
  serverInterfaces: ["c0", "c1"],
  sps: [
    { spsAddress: "172.16.9.2", spsInterface: "s0" },
    { spsAddress: "172.16.9.77", spsInterface: "s0" },
    { spsAddress: "172.16.10.255", spsInterface: "s1" },
  ],
};

const port = fc.integer({ min: 1, max: 65535 });
const range = fc
  .tuple(fc.integer({ min: 1, max: 65000 }), fc.integer({ min: 1, max: 535 }))
  .map(([first, length]) => `${first}-${first + length}`);
/** Neighbours are likely, because they are what backends spell differently. */
const nearby = fc.integer({ min: 20, max: 40 });
const ports = fc.oneof(
  { weight: 9, arbitrary: fc.array(fc.oneof(nearby, port, range), { minLength: 1, maxLength: 4 }) },
  // More than one rule of iptables has room for.
  { weight: 1, arbitrary: fc.array(fc.oneof(nearby, port, range), { minLength: 9, maxLength: 20 }) },
);

/** The last half of a network; the first half tells networks of clients and of each SPS's servers apart. */
const half = fc.tuple(fc.nat(0xffff), fc.integer({ min: 17, max: 32 }));

function network(second: number, [host, length]: [number, number]): string {
  const kept = host - (host % 2 ** (32 - length));
  return `10.${second}.${kept >> 8}.${kept & 255}/${length}`;
}

const some = <T>(values: readonly T[]) => fc.subarray([...values], { minLength: 1 });

function redirection(world: World, backend: BackendName): fc.Arbitrary<Redirection> {
  return fc
    .record({
      name: fc.stringMatching(/^[a-z][a-z0-9-]{0,19}$/),
      which: fc.nat(world.sps.length - 1),
      clientInterfaces: some(world.clientInterfaces),
      clients: fc.array(half, { maxLength: 2 }),
      servers: fc.array(half, { minLength: 1, maxLength: 2 }),
      serverInterfaces: fc.subarray(world.serverInterfaces),
      ports,
      isSpoofing: fc.boolean(),
      isCutting: fc.boolean(),
    })
    .map(({ name, which, clientInterfaces, clients, servers, serverInterfaces, isSpoofing, isCutting, ...rest }) => {
      const isPossible = clients.length > 0 && (backend !== "ip-rule" || serverInterfaces.length > 0);
      return canonicalRedirection({
        name,
        clientInterfaces,
        ...(clients.length > 0 && { clientCidrs: clients.map((one) => network(200, one)) }),
        serverCidrs: servers.map((one) => network(which, one)),
        ports: rest.ports,
        ...(world.sps[which] ?? assert.fail("no SPS")),
        ...(serverInterfaces.length > 0 && { serverInterfaces }),
        addressMode: isSpoofing && isPossible ? "client" : "own",
        failMode: which % 2 === 0 ? "closed" : "open",
        existingConnections: isCutting || backend === "ip-rule" ? "cut" : "leave",
      });
    });
}

/** One to three redirections with their settings, as a program could hold them after check. */
export function cases(world: World, backend: BackendName): fc.Arbitrary<Desired> {
  const numbers = fc.record(
    {
      mark: fc.integer({ min: 1, max: 255 }),
      table: fc.integer({ min: 256, max: 4294967295 }),
      priority: fc.integer({ min: 1, max: 32765 }),
    },
    { requiredKeys: [] },
  );
  const list = fc.uniqueArray(redirection(world, backend), {
    minLength: 1,
    maxLength: 3,
    selector: ({ name }) => name,
  });
  return fc
    .tuple(list, fc.option(numbers, { nil: {} }))
    .map(([redirections, given]): [Redirection[], LinuxOptions] => [redirections, { backend, ...given }])
    .filter(([redirections, options]) => nextHopProblems(redirections, options).length === 0)
    .filter(([redirections, options]) => backendProblems(redirections, options).length === 0)
    .map(([redirections, options]) => desiredState(redirections, options));
}

/** Brings a simulated router to what is wanted, reads it and finds nothing to do. */
export function roundTrip(desired: Desired): void {
  const router = new SimulatedRouter(INTERFACES);
  router.apply(plan(router, desired, NOTHING));
  const context = contextOn(router.read(), desired, desired);
  assert.deepEqual(foundLines(context), desiredLines(desired));
  requirePreconditions(context);
  assert.deepEqual(planChanges(context), [], "nothing is left to do");
}

/** Runs so many generated cases of one backend; a failure names the smallest case. */
export function roundTrips(backend: BackendName, numRuns: number, seed?: number): void {
  fc.assert(fc.property(cases(SIMULATED, backend), roundTrip), { numRuns, ...(seed !== undefined && { seed }) });
}
