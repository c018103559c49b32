import assert from "node:assert/strict";
import fc from "fast-check";
import type { Redirection } from "../../redirection";
import type { BackendSetting } from "../model/backend-names";
import { desiredState, NOTHING } from "../model/desired";
import { parsePolicyRules } from "../model/routing";
import {
  AUTO,
  bring,
  contextOn,
  INTERFACES,
  plan,
  redirections,
  sample,
  strictRouter,
} from "../simulated/planning-bench.test";
import { canonical, SimulatedRouter } from "../simulated/simulated-router.test";
import { decide } from "./decision";
import { desiredLines, foundLines } from "./lines";
import { requirePreconditions } from "./preconditions";
import { warnings } from "./warnings";

describe("redirections beside foreign rules", () => {
  it("refuses an existing chain without an owner, and adopts it with any rules", () => {
    const router = new SimulatedRouter(INTERFACES);
    const desired = desiredState([sample()], AUTO);
    bring(router, desired, NOTHING);
    const unknown = /redirection rdp exists already, and the router records no owner for it; .* \[SG3201\]$/;
    assert.throws(() => plan(router, desired, NOTHING), unknown);
    const changed = desiredState([{ ...sample(), ports: [22] }], AUTO);
    assert.throws(() => plan(router, changed, NOTHING), unknown);
    bring(router, changed, NOTHING, true);
  });

  it("refuses numbers of another program, and adopts rules with its own mark", () => {
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

  it("refuses a foreign mark under any mask, and accepts separate marks or bits", () => {
    const [desired, other] = [desiredState([sample()], AUTO), desiredState([sample()], { backend: "auto", mark: 9 })];
    const byRule = (fwmark: string, more: Record<string, unknown> = {}) => {
      const router = new SimulatedRouter(INTERFACES);
      const [mark, fwmask = "0xffffffff"] = fwmark.split("/");
      const json = [{ priority: 32000, src: "all", fwmark: mark, fwmask, table: "202", ...more }];
      const found = { ...router.read(), policyRules: parsePolicyRules(JSON.stringify(json)) };
      return (wanted = desired, owned = NOTHING) => requirePreconditions(contextOn(found, wanted, owned));
    };
    const remedy = /redirected to \S+ too; set linux\.mark to .* \[SG3202\]$/;
    for (const mark of ["0x2", "0x302", "0x2/0xf", "0x2/0x2"]) assert.throws(byRule(mark), remedy, mark);
    assert.throws(byRule("0xca02", { not: null }), /policy rule "priority 32000 .* not" .*\[SG3202\]$/);
    assert.throws(byRule("0x2", { iif: "c1" }), remedy);
    for (const mark of ["0x1", "0x200/0xff00", "0x0/0x1", "0x4/0xc"]) byRule(mark)();
    byRule("0x2", { protocol: "103", table: "10302" })();
    byRule("0x2")(other);
    byRule("0x2")(desired, desired);
    assert.throws(() => byRule("0x2")(desired, other), remedy);

    const bySetting = (rule: string, table: "chains" | "otherChains" = "chains") => {
      const router = new SimulatedRouter(INTERFACES);
      router.contents[table].OUTPUT = ["-p udp -j ACCEPT"];
      router.contents[table].PREROUTING = [rule];
      return router;
    };
    for (const rule of ["-p tcp --dport 22 -j CONNMARK --set-mark 2", "-j MARK --set-mark 0x502/0xfff"]) {
      const saved = canonical(rule.replace(/(-mark \w+)$/, "$1/0xffffffff"));
      for (const table of ["chains", "otherChains"] as const) {
        assert.throws(() => plan(bySetting(saved, table), desired, NOTHING), remedy, saved);
        bring(bySetting(saved, table), other, NOTHING);
      }
    }
    bring(bySetting("-j MARK --set-xmark 0x200/0xff00"), desired, NOTHING);
  });

  it("reports foreign rules that overwrite or use its marks, also in foreign chains", () => {
    const router = new SimulatedRouter(INTERFACES);
    const desired = desiredState([sample()], AUTO);
    bring(router, desired, NOTHING);
    const warningsAfter = (chains: Record<string, string[]>, backend: BackendSetting = "auto") => {
      const changed = new SimulatedRouter(INTERFACES);
      changed.contents = router.snapshot();
      for (const [name, rules] of Object.entries(chains)) {
        changed.contents.chains[name] = [...(changed.contents.chains[name] ?? []), ...rules];
      }
      return warnings(decide({ ...desired, backend }, changed.read()));
    };
    const warned = (rule: string, kind = "packet") =>
      `rule "${rule}" overwrites the ${kind} marks of redirections; give it a mask without 0xff`;
    const restoring = "-j CONNMARK --restore-mark --nfmask 0xffffffff --ctmask 0xffffffff";
    assert.deepEqual(warningsAfter({ PREROUTING: [restoring] }), [warned(`-A PREROUTING ${restoring}`)]);
    assert.deepEqual(warningsAfter({ PREROUTING: [restoring.replaceAll("0xffffffff", "0xff00")] }), []);
    const chained = {
      PREROUTING: ["-j tcpre"],
      tcpre: ["-i c0 -g deep"],
      deep: ["-j MARK --set-xmark 0x1/0xffffffff"],
    };
    assert.deepEqual(warningsAfter(chained), [warned("-A deep -j MARK --set-xmark 0x1/0xffffffff")]);
    assert.deepEqual(warningsAfter({ ...chained, PREROUTING: [] }), [], "nothing leads there");
    assert.deepEqual(warningsAfter(chained, "nftables"), [], "ours are the last there");
    const saving = "-j CONNMARK --save-mark --nfmask 0xffffffff --ctmask 0xffffffff";
    assert.deepEqual(warningsAfter({ POSTROUTING: [saving] }, "nftables"), [
      warned(`-A POSTROUTING ${saving}`, "connection"),
    ]);
    const [using, overwriting, ...more] = warningsAfter({
      PREROUTING: ["-i c0 -j CONNMARK --set-xmark 0x2/0xffffffff"],
    });
    assert.match(
      using ?? "",
      /^rule "-A PREROUTING -i c0 .*" of another program sets mark 2 .* on connections, .*; set/,
    );
    assert.match(overwriting ?? "", /overwrites the connection marks/);
    assert.deepEqual(more, []);
    for (const rule of [
      "-i c1",
      "-p udp",
      "-p tcp -m tcp --dport 22",
      '-p udp -m comment --comment "-p tcp -j MARK"',
    ]) {
      assert.deepEqual(warningsAfter({ PREROUTING: [`${rule} -j MARK --set-xmark 0x1f/0xffffffff`] }), [], rule);
    }
  });

  it("refuses to change the route of another resource's redirection", () => {
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

  it("keeps a route to SPS that two resources share until the last is removed", () => {
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
    assert.deepEqual(foundLines(decide(one, router.read())), desiredLines(one));
    router.apply(plan(router, NOTHING, other));
    assert.deepEqual(router.snapshot(), first);
    router.apply(plan(router, NOTHING, one));
    assert.deepEqual(router.snapshot(), before);
  });

  it("keeps foreign rules in every state and after the removal", () => {
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
