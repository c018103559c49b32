import assert from "node:assert/strict";
import fc from "fast-check";
import type { Step } from "../../guard/scripts/shell-text";
import { canonicalRedirection, type Redirection } from "../../redirection";
import type { Desired } from "../model/desired";
import type { Found } from "../model/found";
import type { LinuxOptions } from "../model/options";
import { otherRedirections } from "../neighbours/others";
import { decide, type PlanContext } from "../plan/decision";
import { desiredLines, foundLines } from "../plan/lines";
import { planChanges } from "../plan/plan";
import { requirePreconditions } from "../plan/preconditions";
import { SimulatedRouter } from "./simulated-router.test";

/** Interfaces of the simulated router. */
export const INTERFACES = { c0: "192.168.50.1/24", c1: "192.168.51.1/24", s0: "172.16.9.1/24", s1: "172.16.10.1/24" };
/** Settings as they are by default. */
export const AUTO: LinuxOptions = { backend: "auto" };

/** Every SPS has servers of its own, so that no two redirections can be in each other's way. */
const SPS = [
  { spsAddress: "172.16.9.2", spsInterface: "s0", servers: "10.1" },
  { spsAddress: "172.16.9.3", spsInterface: "s0", servers: "10.2" },
  { spsAddress: "172.16.10.4", spsInterface: "s1", servers: "10.3" },
];

const some = <T>(...values: T[]) => fc.subarray(values, { minLength: 1 });

const redirection: fc.Arbitrary<Redirection> = fc
  .record({
    name: fc.constantFrom("a", "b-1", "ssh", "rdp", "a-name-of-20-letters"),
    sps: fc.constantFrom(...SPS),
    clientInterfaces: some("c0", "c1"),
    clientCidrs: some("192.168.50.0/24", "192.168.51.0/25"),
    networks: some(0, 1),
    ports: fc.uniqueArray(
      fc.constantFrom<(number | string)[]>(
        22,
        3389,
        "5900-5910",
        8080,
        ...Array.from({ length: 14 }, (_, n) => 100 + n),
      ),
      {
        minLength: 1,
      },
    ),
    addressMode: fc.constantFrom("own" as const, "client" as const),
    existingConnections: fc.constantFrom("leave" as const, "cut" as const),
  })
  .map(({ sps, networks, ...rest }) =>
    canonicalRedirection({
      ...rest,
      serverCidrs: networks.map((number) => `${sps.servers}.${number}.0/24`),
      spsAddress: sps.spsAddress,
      spsInterface: sps.spsInterface,
      failMode: "closed",
    }),
  );

/** Several redirections; those to one SPS have one failMode. */
export const redirections: fc.Arbitrary<Redirection[]> = fc
  .tuple(fc.uniqueArray(redirection, { minLength: 1, maxLength: 4, selector: ({ name }) => name }), some(...SPS))
  .map(([list, open]) =>
    list.map(
      (one): Redirection => ({
        ...one,
        failMode: open.some(({ spsAddress }) => spsAddress === one.spsAddress) ? "open" : "closed",
      }),
    ),
  );

/** The context for planning a change on a router that was read. */
export function contextOn(
  found: Found,
  wanted: Desired,
  owned: Desired,
  parts: Partial<PlanContext> = {},
): PlanContext {
  const others = otherRedirections(found, wanted, owned);
  return { ...decide(wanted, found), object: "router simulated", owned, left: [], isAdopting: false, others, ...parts };
}

/** The steps to a wanted state, after all refusals. */
export function plan(router: SimulatedRouter, desired: Desired, owned: Desired, isAdopting = false): Step[] {
  const context = contextOn(router.read(), desired, owned, { isAdopting });
  requirePreconditions(context);
  return planChanges(context);
}

/** Brings the simulated router to a wanted state, and verifies that nothing is left to do. */
export function bring(router: SimulatedRouter, desired: Desired, owned: Desired, isAdopting = false): void {
  router.apply(plan(router, desired, owned, isAdopting));
  assert.deepEqual(foundLines(decide(desired, router.read())), desiredLines(desired));
  assert.deepEqual(plan(router, desired, desired), [], "a second run has nothing to do");
}

/** A router whose reverse-path checks are strict: 1 for all, 2 on s0, 3 both. */
export function strictRouter(strictness: number): SimulatedRouter {
  const router = new SimulatedRouter(INTERFACES);
  router.contents.sourceChecks.all = strictness % 2;
  router.contents.sourceChecks.s0 = strictness >> 1;
  return router;
}

/** One redirection. */
export function sample(): Redirection {
  return {
    name: "rdp",
    clientInterfaces: ["c0"],
    serverCidrs: ["10.0.0.0/24"],
    ports: [3389],
    spsAddress: "172.16.9.2",
    spsInterface: "s0",
    addressMode: "own",
    failMode: "closed",
    existingConnections: "leave",
  };
}
