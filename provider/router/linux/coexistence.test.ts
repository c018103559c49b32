import assert from "node:assert/strict";
import fc from "fast-check";
import type { Redirection } from "../redirection";
import { desiredState, NOTHING } from "./desired";
import { desiredLines, foundLines } from "./lines";
import { AUTO, bring, INTERFACES, plan, redirections, sample, strictRouter } from "./planning-bench.test";
import { SimulatedRouter } from "./simulated-router.test";

describe("redirections beside those of others", () => {
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
});
