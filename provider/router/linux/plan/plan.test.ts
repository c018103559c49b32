import assert from "node:assert/strict";
import fc from "fast-check";
import { topologyProblems } from "../../topology";
import { type Desired, desiredState, NOTHING } from "../model/desired";
import { nextHopProblems } from "../model/next-hops";
import type { LinuxOptions } from "../model/options";
import { AUTO, bring, INTERFACES, plan, redirections, sample, strictRouter } from "../simulated/planning-bench.test";
import { SimulatedRouter } from "../simulated/simulated-router.test";
import { decide } from "./decision";
import { desiredLines, foundLines, isAbsent } from "./lines";

describe("the plan for a Linux router", () => {
  it("generates only redirections that pass the input check", () => {
    fc.assert(
      fc.property(redirections, (list) => {
        assert.deepEqual(topologyProblems(list), []);
        assert.deepEqual(nextHopProblems(list, AUTO), []);
      }),
    );
  });

  it("creates, changes and removes any redirections without a trace", () => {
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

  it("restores the exact earlier state whichever step of the plan fails", () => {
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

  it("repairs any single item that is removed or changed by hand", () => {
    fc.assert(
      fc.property(redirections, fc.nat(), fc.nat(), (list, kind, which) => {
        const router = strictRouter(1);
        const desired = desiredState(list, AUTO);
        bring(router, desired, NOTHING);
        damage(router, desired, kind, which);
        assert.notDeepEqual(foundLines(decide(desired, router.read())), desiredLines(desired), "drift shows");
        bring(router, desired, desired);
      }),
      { numRuns: 120 },
    );
  });

  it("rewrites only the chain of the changed redirection", () => {
    const router = new SimulatedRouter(INTERFACES);
    const rest = { ...sample(), name: "rest", serverCidrs: ["10.0.1.0/24"] };
    const before = desiredState([sample(), rest], AUTO);
    bring(router, before, NOTHING);
    const steps = plan(router, desiredState([{ ...sample(), ports: [22] }, rest], AUTO), before);
    assert.equal(steps.length, 1);
    assert.match(steps[0]?.run ?? "", /^:SPS-R-rdp - /m);
    assert.doesNotMatch(steps[0]?.run ?? "", /SPS-R-rest|PREROUTING/);
  });

  it("adds the unreachable route, then the SPS route, then the policy rule, then the marks", () => {
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

  it("changes the SPS of a mark by replacing its route without a gap", () => {
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

  it("moves the jump to the first place when an earlier rule ends processing", () => {
    const router = new SimulatedRouter(INTERFACES);
    const desired = desiredState([sample()], AUTO);
    bring(router, desired, NOTHING);
    router.contents.chains.PREROUTING?.unshift("-i c0 -j MARK --set-xmark 0x100/0xff00");
    assert.deepEqual(plan(router, desired, desired), [], "a rule that lets packets go on is no harm");
    router.contents.chains.PREROUTING?.unshift("-i c0 -j ACCEPT");
    assert.match(foundLines(decide(desired, router.read())).at(-1) ?? "", /never reached: behind -i c0 -j ACCEPT/);
    bring(router, desired, desired);
    assert.equal(router.contents.chains.PREROUTING?.[0], '-m comment --comment "sps:rdp" -j SPS-R-rdp');
    assert.equal(router.contents.chains.PREROUTING?.length, 3);
  });

  it("tells which rules before the jump take its packets away, also in foreign chains", () => {
    const router = new SimulatedRouter(INTERFACES);
    const desired = desiredState([sample()], AUTO);
    bring(router, desired, NOTHING);
    const before = router.snapshot();
    const stepsWith = (rule: string, chains: Record<string, string[]> = {}) => {
      router.contents = structuredClone(before);
      Object.assign(router.contents.chains, chains);
      router.contents.chains.PREROUTING?.unshift(rule);
      return plan(router, desired, desired).length;
    };
    const inWay: [rule: string, chain?: string[]][] = [
      ["-j ACCEPT"],
      ["-p tcp -j ACCEPT"],
      ["-s 192.168.50.7/32 -i c+ -p tcp -m tcp --dport 3000:4000 -j DROP"],
      ["! -i c1 -j RETURN"],
      ["-m mark --mark 0x1 -j ACCEPT"],
      ["-m conntrack --ctstate NEW,INVALID -j ACCEPT"],
      ['-i c0 -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -m comment --comment "a -j b" -j ACCEPT'],
      ["-j VPN", ["-j ACCEPT"]],
      ["-j VPN", ["-m mark --mark 0x1 -j ACCEPT", "-j VPN"]],
      ["-j VPN", ["-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"]],
      ["-j VPN", ["-m ttl --ttl-gt 1 -j ACCEPT"]],
      ["-i c0 -j VPN", ["-i c1 -j RETURN", "-j DEEP", "-j RETURN"]],
      ["-g VPN", ["-j RETURN"]],
    ];
    const harmless: [rule: string, chain?: string[]][] = [
      ["-m conntrack --ctstate INVALID -j DROP"],
      ["-m state --state INVALID -j DROP"],
      ["-i c1 -j ACCEPT"],
      ["! -i c0 -j ACCEPT"],
      ["-p udp -j ACCEPT"],
      ["-p tcp -m multiport --dports 22,4000:5000 -j ACCEPT"],
      ["-d 10.0.9.0/24 -j ACCEPT"],
      ["-m addrtype --dst-type LOCAL -j ACCEPT"],
      ["-m recent --name bad -j DROP"],
      ["-j VPN", ["-i c1 -j ACCEPT", "-j RETURN", "-j ACCEPT"]],
      ["-j VPN", ["-m recent --name bad -j DROP", "-j VPN"]],
    ];
    for (const [rule, chain = []] of inWay) {
      assert.equal(stepsWith(rule, { VPN: chain, DEEP: ["-p tcp -j ACCEPT"] }), 1, `${rule} ${chain.join()}`);
      bring(router, desired, desired);
    }
    for (const [rule, chain = []] of harmless) {
      assert.equal(stepsWith(rule, { VPN: chain }), 0, `${rule} ${chain.join()}`);
    }
  });

  it("restores the source check only when no one else has changed it", () => {
    const router = strictRouter(2);
    const desired = desiredState([sample()], AUTO);
    bring(router, desired, NOTHING);
    assert.deepEqual(router.contents.notes, { s0: 1 });
    router.contents.sourceChecks.s0 = 0;
    assert.deepEqual(foundLines(decide(desired, router.read())), desiredLines(desired));
    router.apply(plan(router, NOTHING, desired));
    assert.equal(router.contents.sourceChecks.s0, 0);
    assert.deepEqual(router.contents.notes, {});
  });
});

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
      assert.ok(isAbsent(chain, router.read()));
    },
  ];
  damages[kind % damages.length]?.();
}
