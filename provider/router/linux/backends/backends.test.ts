import assert from "node:assert/strict";
import fc from "fast-check";
import { canonicalRedirection } from "../../redirection";
import { BACKENDS, type BackendName } from "../model/backend-names";
import { type Desired, desiredState, NOTHING } from "../model/desired";
import { decide } from "../plan/decision";
import { foundLines } from "../plan/lines";
import { bring, INTERFACES, plan, sample } from "../simulated/planning-bench.test";
import { cases, SIMULATED } from "../simulated/roundtrip-bench.test";
import { SimulatedRouter } from "../simulated/simulated-router.test";
import { backendOf, backendProblems, chooseBackend } from "./backends";

/** A policy rule of another program, as overlay networks add them. */
const FOREIGN_RULE = { priority: 52, mark: "0x80000/0xff0000", table: 52, protocol: 0 };

/** A router that holds something of others in every store. */
function busyRouter(): SimulatedRouter {
  const router = new SimulatedRouter(INTERFACES);
  router.contents.chains.PREROUTING = ["-i c0 -j MARK --set-xmark 0x4200/0xff00"];
  router.contents.otherChains.THEIRS = ["-s 10.9.0.0/16 -j RETURN"];
  router.contents.nft.theirs = [{ table: { family: "ip", name: "theirs" } }];
  router.contents.rules.splice(1, 0, { ...FOREIGN_RULE });
  return router;
}

const generated = BACKENDS.map((backend) => ({
  backend,
  // A priority that another program uses is refused, as a test below says.
  states: cases(SIMULATED, backend).filter(({ hops }) =>
    hops.every(({ priority }) => priority !== FOREIGN_RULE.priority),
  ),
}));

/** Two states of one resource, in any two backends that sessions survive. */
const pairs = fc.oneof(
  ...generated.flatMap((one) =>
    generated
      .filter((other) => one.backend !== "ip-rule" || other.backend === "ip-rule")
      .map((other) => fc.tuple(one.states, other.states)),
  ),
);

describe("the classification backends", function () {
  this.timeout(60_000);

  it("creates rules in one backend, moves them to another and removes them without a trace", () => {
    fc.assert(
      fc.property(pairs, ([one, other]) => {
        const router = busyRouter();
        const before = router.snapshot();
        bring(router, one, NOTHING);
        bring(router, other, one);
        router.apply(plan(router, NOTHING, other));
        assert.deepEqual(router.snapshot(), before);
      }),
      { numRuns: 60 },
    );
  });

  it("joins adjacent ports, and refuses a redirection that needs too many rules", () => {
    const limitsOf = (ports: (number | string)[], backend: BackendName) =>
      backendProblems([{ ...sample(), ports, existingConnections: "cut" }], { backend }).map(({ reason }) => reason);
    const allPorts = Array.from({ length: 65_534 }, (_, index) => index + 1);
    for (const backend of BACKENDS) {
      const all = canonicalRedirection({ ...sample(), ports: allPorts, existingConnections: "cut" });
      const { chains } = desiredState([all], { backend });
      const [chain] = chains;
      const lines = chain ? backendOf(backend).wantedLines(chain) : [];
      assert.equal(lines.filter((line) => /1[:-]65534/.test(line)).length, 1, lines.join("\n"));
      assert.equal(lines.length, backend === "ip-rule" ? 1 : 3);
      assert.deepEqual(limitsOf(allPorts, backend), []);
      const single = allPorts.filter((port) => port % 2 === 1);
      const servers = Array.from({ length: 3 }, (_, index) => `10.0.${index}.0/24`);
      const [problem] = backendProblems(
        [{ ...sample(), ports: single, serverCidrs: servers, existingConnections: "cut" }],
        { backend },
      );
      const count = backend === "ip-rule" ? 98_301 : 6555;
      assert.match(
        problem?.reason ?? "",
        new RegExp(
          `^redirections\\[0\\]\\.serverCidrs: the redirection would need ${count} rules, .*; the limit is 5000: `,
        ),
      );
    }
  });

  it("restores the exact earlier state whichever step of a backend change fails", () => {
    fc.assert(
      fc.property(pairs, fc.nat(), ([one, other], failing) => {
        const router = busyRouter();
        bring(router, one, NOTHING);
        const steps = plan(router, other, one);
        fc.pre(steps.length > 0);
        const before = foundLines(decide(one, router.read()));
        const contents = inAnyOrder(router);
        router.apply(steps, failing % steps.length);
        assert.deepEqual(foundLines(decide(one, router.read())), before);
        assert.deepEqual(inAnyOrder(router), contents);
      }),
      { numRuns: 60 },
    );
  });

  it("refuses the priority of another program's policy rule in every backend", () => {
    for (const backend of BACKENDS) {
      const { priority } = FOREIGN_RULE;
      const desired = desiredState([{ ...sample(), existingConnections: "cut" }], { backend, priority });
      const router = busyRouter();
      const before = router.snapshot();
      assert.throws(
        () => plan(router, desired, NOTHING),
        /policy rule "priority 52 .* another program; .* \[SG3202\]$/,
      );
      assert.deepEqual(router.snapshot(), before);
    }
  });

  it("adds the rules in the new backend before it removes the old ones", () => {
    for (const from of BACKENDS) {
      for (const to of BACKENDS) {
        const router = new SimulatedRouter(INTERFACES);
        const state = (backend: BackendName): Desired =>
          desiredState([{ ...sample(), existingConnections: "cut" }], { backend });
        bring(router, state(from), NOTHING);
        const isThere = (desired: Desired) =>
          foundLines(decide(desired, router.read())).filter((line) => !line.endsWith(")")).length ===
          5 + (desired.backend === "ip-rule" ? -1 : 2);
        for (const step of plan(router, state(to), state(from))) {
          router.run(step.run);
          assert.ok(isThere(state(from)) || isThere(state(to)), `${from} to ${to}: ${step.title}`);
        }
      }
    }
  });

  it("moves policy rules to another table and other ports at the same priority", () => {
    const state = (ports: number[], backend: BackendName, table?: number) =>
      desiredState([{ ...sample(), existingConnections: "cut", ports }], { backend, ...(table && { table }) });
    for (const to of BACKENDS) {
      const router = busyRouter();
      const before = router.snapshot();
      const [one, other] = [state([1], "ip-rule", 256), state([20], to)];
      bring(router, one, NOTHING);
      bring(router, other, one);
      bring(router, NOTHING, other);
      assert.deepEqual(router.snapshot(), before, to);
    }
  });

  it("chooses the backend in use, else the usual iptables, else nftables, with the reason", () => {
    const choose = (router: SimulatedRouter) =>
      chooseBackend(desiredState([sample()], { backend: "auto" }), router.read());
    const legacy = new SimulatedRouter(INTERFACES, { iptables: "legacy", hasNft: true });
    assert.deepEqual(choose(legacy), {
      name: "iptables-legacy",
      reason: "the router's command iptables uses it",
    });
    bring(legacy, desiredState([sample()], { backend: "nftables" }), NOTHING);
    assert.deepEqual(choose(legacy), { name: "nftables", reason: "the redirections are stored there already" });
    const without = new SimulatedRouter(INTERFACES, { iptables: "none", hasNft: true });
    assert.deepEqual(choose(without), { name: "nftables", reason: "iptables is missing" });
    const bare = new SimulatedRouter(INTERFACES, { iptables: "none", hasNft: false });
    assert.deepEqual(choose(bare), { reason: "iptables is missing, nft is missing" });
    const desired = desiredState([sample()], { backend: "auto" });
    assert.throws(
      () => plan(bare, desired, NOTHING),
      /iptables is missing, nft is missing; install iptables or nftables on the router, or set linux\.backend to ip-rule \[SG3101\]$/,
    );
    bring(bare, desiredState([{ ...sample(), existingConnections: "cut" }], { backend: "ip-rule" }), NOTHING);
  });

  it("refuses policy rules with ports on a kernel that ignores the ports", () => {
    const desired = desiredState([{ ...sample(), existingConnections: "cut" }], { backend: "ip-rule" });
    const withKernel = (kernel: string) => new SimulatedRouter(INTERFACES, { iptables: "nft", hasNft: true, kernel });
    assert.throws(
      () => plan(withKernel("4.16.18"), desired, NOTHING),
      /backend ip-rule: Linux 4\.16\.18 ignores ports in policy rules, .*; use Linux 4\.17 or newer, or another backend \[SG3101\]$/,
    );
    bring(withKernel("4.17.0"), desired, NOTHING);
    bring(withKernel("5.4.0-generic"), desired, NOTHING);
  });

  it("shows foreign rules in the nftables table and repairs the table", () => {
    const router = new SimulatedRouter(INTERFACES);
    const desired = desiredState([sample()], { backend: "nftables" });
    bring(router, desired, NOTHING);
    const table = router.contents.nft["SPS-R-rdp"] ?? assert.fail("no table");
    table.splice(2, 0, { rule: { family: "ip", table: "SPS-R-rdp", chain: "prerouting", expr: [{ drop: null }] } });
    assert.match(foundLines(decide(desired, router.read())).join("\n"), /mangle: -A SPS-R-rdp nft rule .*"drop":null/);
    const steps = plan(router, desired, desired);
    const before = structuredClone(router.contents.nft);
    for (const step of steps) router.run(step.run);
    for (const step of [...steps].reverse()) router.run(step.undo);
    assert.deepEqual(router.contents.nft, before, "undoing brings back what others had put there");
    bring(router, desired, desired);
    const [, chain] = router.contents.nft["SPS-R-rdp"] ?? [];
    Object.assign(chain?.chain as object, { prio: 0 });
    assert.match(
      foundLines(decide(desired, router.read())).join("\n"),
      /nft hook prerouting type filter priority 0 policy accept/,
    );
    bring(router, desired, desired);
  });

  it("separates two resources' backends and keeps their route until both are removed", () => {
    for (const [first, second] of [
      ["iptables-nft", "ip-rule"],
      ["ip-rule", "nftables"],
      ["nftables", "iptables-legacy"],
    ] as const) {
      const router = new SimulatedRouter(INTERFACES);
      const before = router.snapshot();
      const state = (backend: BackendName, name: string, servers: string) =>
        desiredState([{ ...sample(), name, serverCidrs: [servers], existingConnections: "cut" }], { backend });
      const [one, other] = [state(first, "one", "10.0.0.0/24"), state(second, "other", "10.0.1.0/24")];
      bring(router, one, NOTHING);
      bring(router, other, NOTHING);
      router.apply(plan(router, NOTHING, one));
      assert.deepEqual(plan(router, other, other), [], `${first} and ${second}`);
      router.apply(plan(router, NOTHING, other));
      assert.deepEqual(router.snapshot(), before, `${first} and ${second}`);
    }
  });
});

/** What the router holds; the kernel keeps policy rules of one priority in the order they came. */
function inAnyOrder(router: SimulatedRouter): unknown {
  const { rules, ...rest } = router.snapshot();
  return { ...rest, rules: rules.map((rule) => JSON.stringify(rule)).sort() };
}
