import assert from "node:assert/strict";
import fc from "fast-check";
import { UNKNOWN } from "../../core/unknown";
import { type CheckedRedirection, canonicalRedirection, type Redirection } from "../redirection";
import { topologyProblems } from "../topology";
import { type Desired, desiredState } from "./desired";
import type { Claim } from "./in-the-way";
import { desiredLines, foundLines, isChainAbsent } from "./lines";
import { nextHopProblems, nextHopsOf } from "./next-hops";
import type { LinuxOptions } from "./options";
import { otherRedirections } from "./others";
import { planChanges } from "./plan";
import { requirePreconditions } from "./preconditions";
import { SimulatedRouter } from "./simulated-router.test";
import type { Step } from "./steps";

const INTERFACES = { c0: "192.168.50.1/24", c1: "192.168.51.1/24", s0: "172.16.9.1/24", s1: "172.16.10.1/24" };
const NOTHING: Desired = { hops: [], chains: [] };
const AUTO: LinuxOptions = { backend: "auto" };

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
const redirections: fc.Arbitrary<Redirection[]> = fc
  .tuple(fc.uniqueArray(redirection, { minLength: 1, maxLength: 4, selector: ({ name }) => name }), some(...SPS))
  .map(([list, open]) =>
    list.map(
      (one): Redirection => ({
        ...one,
        failMode: open.some(({ spsAddress }) => spsAddress === one.spsAddress) ? "open" : "closed",
      }),
    ),
  );

function claim(router: SimulatedRouter, desired: Desired, owned: Desired, isAdopting = false): Claim {
  const found = router.read();
  return { object: "router simulated", found, owned, isAdopting, others: otherRedirections(found, desired, owned) };
}

function plan(router: SimulatedRouter, desired: Desired, owned: Desired, isAdopting = false): Step[] {
  const asked = claim(router, desired, owned, isAdopting);
  requirePreconditions(desired, asked);
  return planChanges(desired, asked);
}

function bring(router: SimulatedRouter, desired: Desired, owned: Desired, isAdopting = false): void {
  router.apply(plan(router, desired, owned, isAdopting));
  assert.deepEqual(foundLines(desired, router.read()), desiredLines(desired));
  assert.deepEqual(plan(router, desired, desired), [], "a second run has nothing to do");
}

function strictRouter(strictness: number): SimulatedRouter {
  const router = new SimulatedRouter(INTERFACES);
  router.contents.sourceChecks.all = strictness % 2;
  router.contents.sourceChecks.s0 = strictness >> 1;
  return router;
}

describe("the plan for a Linux router", () => {
  it("generates only redirections that pass the input check", () => {
    fc.assert(
      fc.property(redirections, (list) => {
        assert.deepEqual(topologyProblems(list), []);
        assert.deepEqual(nextHopProblems(list, AUTO), []);
      }),
    );
  });

  it("leads from nothing to what is wanted, from there to anything else, and back to the start without a trace", () => {
    fc.assert(
      fc.property(redirections, redirections, fc.nat(3), (first, second, strictness) => {
        const router = strictRouter(strictness);
        const before = router.snapshot();
        const [one, other] = [desiredState(first, AUTO), desiredState(second, AUTO)];
        bring(router, one, NOTHING);
        bring(router, other, one);
        router.apply(plan(router, NOTHING, other));
        assert.deepEqual(router.snapshot(), before);
      }),
      { numRuns: 150 },
    );
  });

  it("is undone to exactly what was there before, whichever step fails", () => {
    fc.assert(
      fc.property(redirections, redirections, fc.nat(3), fc.nat(), (first, second, strictness, failing) => {
        const router = strictRouter(strictness);
        const [one, other] = [desiredState(first, AUTO), desiredState(second, AUTO)];
        bring(router, one, NOTHING);
        const steps = plan(router, other, one);
        fc.pre(steps.length > 0);
        const before = router.snapshot();
        router.apply(steps, failing % steps.length);
        assert.deepEqual(sorted(router.snapshot()), sorted(before));
        bring(router, other, one);
      }),
      { numRuns: 120 },
    );
  });

  it("repairs any single thing that somebody took away or changed by hand", () => {
    fc.assert(
      fc.property(redirections, fc.nat(), fc.nat(), (list, kind, which) => {
        const router = strictRouter(1);
        const desired = desiredState(list, AUTO);
        bring(router, desired, NOTHING);
        damage(router, desired, kind, which);
        assert.notDeepEqual(foundLines(desired, router.read()), desiredLines(desired), "drift shows");
        bring(router, desired, desired);
      }),
      { numRuns: 120 },
    );
  });

  it("leaves what others have alone, in any state and after the end", () => {
    fc.assert(
      fc.property(redirections, redirections, (first, second) => {
        const router = new SimulatedRouter(INTERFACES);
        router.contents.chains.PREROUTING = ["-i c0 -j MARK --set-xmark 0x4200/0xff00"];
        router.contents.chains.DOCKER = ['-m comment --comment "theirs" -j RETURN'];
        router.contents.rules.splice(1, 0, { priority: 5200, mark: "0x80000/0xff0000", table: 52, protocol: 0 });
        router.contents.routes[52] = [
          { type: "unicast", destination: "default", device: "c1", metric: 0, protocol: 3 },
        ];
        const before = router.snapshot();
        const [one, other] = [desiredState(first, AUTO), desiredState(second, AUTO)];
        bring(router, one, NOTHING);
        bring(router, other, one);
        assert.ok(router.contents.chains.PREROUTING?.includes("-i c0 -j MARK --set-xmark 0x4200/0xff00"));
        router.apply(plan(router, NOTHING, other));
        assert.deepEqual(router.snapshot(), before);
      }),
      { numRuns: 60 },
    );
  });

  it("lets two resources share a way to SPS, which stays until the last is gone", () => {
    const router = strictRouter(1);
    const before = router.snapshot();
    const servers = (network: string, name: string) =>
      desiredState([{ ...sample(), name, serverCidrs: [network] }], AUTO);
    const [one, other] = [servers("10.0.0.0/24", "one"), servers("10.0.1.0/24", "other")];
    bring(router, one, NOTHING);
    const first = router.snapshot();
    assert.equal(router.contents.sourceChecks.s0, 2);
    assert.equal(plan(router, other, NOTHING).length, 1, "only the chain is new");
    bring(router, other, NOTHING);
    assert.deepEqual(foundLines(one, router.read()), desiredLines(one));
    router.apply(plan(router, NOTHING, other));
    assert.deepEqual(router.snapshot(), first);
    router.apply(plan(router, NOTHING, one));
    assert.deepEqual(router.snapshot(), before);
  });

  it("rewrites nothing but the chain of the redirection that changed", () => {
    const router = new SimulatedRouter(INTERFACES);
    const rest = { ...sample(), name: "rest", serverCidrs: ["10.0.1.0/24"] };
    const before = desiredState([sample(), rest], AUTO);
    bring(router, before, NOTHING);
    const steps = plan(router, desiredState([{ ...sample(), ports: [22] }, rest], AUTO), before);
    assert.equal(steps.length, 1);
    assert.match(steps[0]?.run ?? "", /^:SPS-R-rdp - /m);
    assert.doesNotMatch(steps[0]?.run ?? "", /SPS-R-rest|PREROUTING/);
  });

  it("refuses before it lets pass: the unreachable route, then the way, then the rule, then the marks", () => {
    const router = strictRouter(1);
    const steps = plan(router, desiredState([sample()], AUTO), NOTHING);
    const commands = steps.map((step) => step.run.split("\n")[0]?.replace(/ <\/dev\/null$/, ""));
    assert.deepEqual(commands, [
      "ip -4 route replace unreachable default metric 4294967295 table 10302 proto 103",
      "ip -4 route replace default via 172.16.9.2 dev s0 table 10302 proto 103",
      'mkdir -p "$sps_notes" && echo 0 >"$sps_notes"/rp_filter.s0',
      "echo 2 >/proc/sys/net/ipv4/conf/s0/rp_filter",
      "ip -4 rule add pref 10302 fwmark 0x2/0xff lookup 10302 protocol 103",
      "iptables-restore -w 10 --noflush <<'SPS-END-OF-INPUT'",
    ]);
  });

  it("changes the SPS of a mark by replacing its route, with no moment without one", () => {
    const router = new SimulatedRouter(INTERFACES);
    const options: LinuxOptions = { backend: "auto", mark: 7 };
    const before = desiredState([sample()], options);
    bring(router, before, NOTHING);
    const after = desiredState([{ ...sample(), spsAddress: "172.16.9.3" }], options);
    const steps = plan(router, after, before);
    assert.deepEqual(
      steps.map((step) => step.run),
      ["ip -4 route replace default via 172.16.9.3 dev s0 table 10307 proto 103 </dev/null"],
    );
    bring(router, after, before);
  });

  it("puts the jump first again when a rule that ends processing got before it", () => {
    const router = new SimulatedRouter(INTERFACES);
    const desired = desiredState([sample()], AUTO);
    bring(router, desired, NOTHING);
    router.contents.chains.PREROUTING?.unshift("-i c0 -j MARK --set-xmark 0x100/0xff00");
    assert.deepEqual(plan(router, desired, desired), [], "a rule that lets packets go on is no harm");
    router.contents.chains.PREROUTING?.unshift("-i c0 -j ACCEPT");
    assert.match(foundLines(desired, router.read()).at(-1) ?? "", /never reached: behind -i c0 -j ACCEPT/);
    bring(router, desired, desired);
    assert.equal(router.contents.chains.PREROUTING?.[0], '-m comment --comment "sps:rdp" -j SPS-R-rdp');
    assert.equal(router.contents.chains.PREROUTING?.length, 3);
  });

  it("takes a chain with the wanted rules for its own work, and refuses one with others unless told to adopt", () => {
    const router = new SimulatedRouter(INTERFACES);
    const desired = desiredState([sample()], AUTO);
    bring(router, desired, NOTHING);
    assert.deepEqual(plan(router, desired, NOTHING), []);
    const changed = desiredState([{ ...sample(), ports: [22] }], AUTO);
    assert.throws(() => plan(router, changed, NOTHING), /SPS-R-rdp\); choose another name, .* \[SG3201\]$/);
    bring(router, changed, NOTHING, true);
  });

  it("refuses numbers that another program uses, and takes over with adopt what is under its own mark", () => {
    const desired = desiredState([sample()], AUTO);
    const withRule = (rule: { priority: number; mark?: string; table: number }) => {
      const router = new SimulatedRouter(INTERFACES);
      router.contents.rules.splice(1, 0, { ...rule, protocol: 0 });
      return router;
    };
    const byPriority = withRule({ priority: 10302, table: 254 });
    assert.throws(() => plan(byPriority, desired, NOTHING), /policy rule "priority 10302 .*\[SG3202\]$/);
    assert.throws(() => plan(byPriority, desired, NOTHING, true), /\[SG3202\]$/);
    const byTable = withRule({ priority: 9, mark: "0x80/0xff", table: 10302 });
    assert.throws(() => plan(byTable, desired, NOTHING), /\[SG3202\]$/);
    const byMark = withRule({ priority: 9, mark: "0x2/0xff", table: 103 });
    assert.throws(() => plan(byMark, desired, NOTHING), /\[SG3202\]$/);
    bring(byMark, desired, NOTHING, true);
    const byRoute = new SimulatedRouter(INTERFACES);
    byRoute.contents.routes[10302] = [
      { type: "unicast", destination: "10.9.0.0/16", device: "c1", metric: 0, protocol: 3 },
    ];
    assert.throws(() => plan(byRoute, desired, NOTHING), /route "10.9.0.0\/16 dev c1 .*\[SG3202\]$/);
    bring(byRoute, desired, NOTHING, true);
  });

  it("refuses to bend the way that another resource's redirection takes", () => {
    const router = new SimulatedRouter(INTERFACES);
    bring(router, desiredState([{ ...sample(), name: "theirs" }], AUTO), NOTHING);
    const ours = (parts: Partial<Redirection>, options = AUTO) =>
      desiredState([{ ...sample(), serverCidrs: ["10.0.7.0/24"], ...parts }], options);
    const other = ours({ spsAddress: "172.16.10.2", spsInterface: "s1" });
    assert.throws(() => plan(router, other, NOTHING), /mark 2 is shared with redirection theirs .*\[SG3203\]$/);
    assert.throws(() => plan(router, ours({ failMode: "open" }), NOTHING), /which has failMode closed; .*\[SG3203\]$/);
    const elsewhere = ours({}, { backend: "auto", table: 500 });
    assert.throws(() => plan(router, elsewhere, NOTHING), /\[SG3203\]$/);
    bring(router, ours({ spsAddress: "172.16.10.2", spsInterface: "s1" }, { backend: "auto", mark: 9 }), NOTHING);
  });

  it("refuses an overlap with another resource's redirection to another SPS", () => {
    const router = new SimulatedRouter(INTERFACES);
    bring(router, desiredState([{ ...sample(), name: "theirs", ports: ["3000-4000"] }], AUTO), NOTHING);
    const ours = desiredState([{ ...sample(), spsAddress: "172.16.9.3" }], AUTO);
    assert.throws(() => plan(router, ours, NOTHING), /rdp overlaps with redirection theirs .*\[SG3204\]$/);
    const apart = desiredState([{ ...sample(), spsAddress: "172.16.9.3", ports: [22] }], AUTO);
    bring(router, apart, NOTHING);
  });

  it("puts the source check back only where nobody else has changed it", () => {
    const router = strictRouter(2);
    const desired = desiredState([sample()], AUTO);
    bring(router, desired, NOTHING);
    assert.deepEqual(router.contents.notes, { s0: 1 });
    router.contents.sourceChecks.s0 = 0;
    assert.deepEqual(foundLines(desired, router.read()), desiredLines(desired));
    router.apply(plan(router, NOTHING, desired));
    assert.equal(router.contents.sourceChecks.s0, 0);
    assert.deepEqual(router.contents.notes, {});
  });

  it("names each SPS once, in order of mark", () => {
    const list = [
      sample(),
      { ...sample(), name: "ssh", ports: [22] },
      { ...sample(), name: "x", spsAddress: "172.16.9.1" },
    ];
    assert.deepEqual(
      nextHopsOf(list, AUTO).map((hop) => [hop.mark, hop.table, hop.priority]),
      [
        [1, 10301, 10301],
        [2, 10302, 10302],
      ],
    );
  });
});

describe("ways to several SPS on one router", () => {
  const problemOf = (options: LinuxOptions, ...parts: Partial<Redirection>[]) => {
    const list = parts.map((part, index) => ({ ...sample(), name: `r${index}`, ports: [index + 1], ...part }));
    const problems = nextHopProblems(list, options);
    return problems.map(({ path, reason }) => (reason.startsWith(`${path}: `) ? path : reason));
  };

  it("accepts any number of SPS whose last numbers differ", () => {
    assert.deepEqual(problemOf(AUTO, {}, { spsAddress: "172.16.9.3" }, {}), []);
  });

  it("asks for a mark where the last number is 0", () => {
    assert.deepEqual(problemOf(AUTO, { spsAddress: "172.16.10.0" }), ["redirections[0].spsAddress"]);
    assert.deepEqual(problemOf({ backend: "auto", mark: 4 }, { spsAddress: "172.16.10.0" }), []);
  });

  it("refuses two SPS under one mark, whether by number or by setting", () => {
    const twins = [{}, { spsAddress: "172.16.10.2", spsInterface: "s1" }];
    assert.deepEqual(problemOf(AUTO, ...twins), ["redirections[1].spsAddress"]);
    const set = [{}, { spsAddress: "172.16.9.3" }];
    assert.deepEqual(problemOf({ backend: "auto", mark: 4 }, ...set), ["redirections[1].spsAddress"]);
  });

  it("refuses two SPS in one table or under one priority", () => {
    const set = [{}, { spsAddress: "172.16.9.3" }];
    assert.deepEqual(problemOf({ backend: "auto", table: 500 }, ...set), ["redirections[1].spsAddress"]);
    assert.deepEqual(problemOf({ backend: "auto", priority: 500 }, ...set), ["redirections[1].spsAddress"]);
  });

  it("refuses one SPS on two interfaces or with two fail modes", () => {
    assert.deepEqual(problemOf(AUTO, {}, { spsInterface: "s1" }), ["redirections[1].spsInterface"]);
    assert.deepEqual(problemOf(AUTO, {}, { failMode: "open" }), ["redirections[1].failMode"]);
  });

  it("leaves out what is unknown", () => {
    const unknown = { ...sample(), spsAddress: UNKNOWN } as CheckedRedirection;
    assert.deepEqual(nextHopProblems([UNKNOWN, unknown, sample()], AUTO), []);
  });
});

function sample(): Redirection {
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

/** Undoing may put back in another order what has none: routes of one metric, chains. */
function sorted(contents: ReturnType<SimulatedRouter["snapshot"]>): unknown {
  const { chains, ...rest } = contents;
  return {
    ...rest,
    chains: Object.fromEntries(
      Object.entries(chains)
        .sort()
        .map(([name, rules]) => [name, name === "PREROUTING" ? [...rules].sort() : rules]),
    ),
  };
}

/** Takes away or changes one thing that a wanted state needs. */
function damage(router: SimulatedRouter, desired: Desired, kind: number, which: number): void {
  const hop = desired.hops[which % desired.hops.length] ?? assert.fail("no next hop");
  const chain = desired.chains[which % desired.chains.length] ?? assert.fail("no chain");
  const { contents } = router;
  const entry = contents.chains.PREROUTING ?? [];
  const damages: (() => void)[] = [
    () => contents.routes[hop.table]?.shift(),
    () =>
      contents.routes[hop.table]?.push({
        type: "unicast",
        destination: "10.9.0.0/16",
        device: "c1",
        metric: 0,
        protocol: 3,
      }),
    () =>
      contents.routes[hop.table]?.splice(0, 1, {
        type: "unicast",
        destination: "default",
        gateway: "172.16.9.77",
        device: "c0",
        metric: 0,
        protocol: 3,
      }),
    () =>
      contents.rules.splice(
        contents.rules.findIndex((rule) => rule.priority === hop.priority),
        1,
      ),
    () => {
      const rule = contents.rules.find((candidate) => candidate.priority === hop.priority);
      if (rule) Object.assign(rule, { table: 254, protocol: 0 });
    },
    () => {
      contents.sourceChecks[hop.device] = 1;
    },
    () => contents.chains[chain.name]?.pop(),
    () => contents.chains[chain.name]?.reverse(),
    () => contents.chains[chain.name]?.push("-i c1 -j ACCEPT"),
    () =>
      entry.splice(
        entry.findIndex((rule) => rule.endsWith(chain.name)),
        1,
      ),
    () => entry.push(`-j ${chain.name}`),
    () => {
      contents.chains.PREROUTING = entry.filter((rule) => !rule.endsWith(chain.name));
      delete contents.chains[chain.name];
      assert.ok(isChainAbsent(chain, router.read()));
    },
  ];
  damages[kind % damages.length]?.();
}
