import assert from "node:assert/strict";
import { rulesOf } from "../../../tests/support/planned-rules";
import { LabRouter } from "./lab-router.test";
import { routerRedirection as resource } from "./operations";

describe("RouterRedirection on a Linux router: several resources on one router", function () {
  this.timeout(30_000);
  let router: LabRouter;

  before(async () => {
    router = await LabRouter.start("sharing");
  });
  after(async () => {
    await router.stop();
  });
  afterEach(async () => {
    await router.assertClean();
  });

  it("creates and deletes five resources in parallel, one at a time on the router", async () => {
    const wanted = await Promise.all(
      [22, 2222, 3389, 8080, 9090].map((port) => router.inputsWith({ name: `port-${port}`, ports: [port] })),
    );
    const made = await Promise.all(wanted.map((inputs) => resource.create(inputs, router.context())));
    for (const [index, { id, state }] of made.entries()) {
      const inputs = wanted[index] ?? assert.fail("no inputs");
      assert.deepEqual(
        resource.diff(id, state, inputs).map(({ path }) => path),
        [],
      );
      const found = await resource.read(id, state, router.context());
      assert.deepEqual(found?.state.rules, rulesOf(inputs));
    }
    assert.equal(await router.run("ip -4 rule show | grep -c 10302:; ip route show table 10302 | wc -l"), "1\n2\n");
    assert.deepEqual([await router.seenAs(3389), await router.seenAs(8080)], ["sps", "sps"]);
    await Promise.all(made.map(({ id, state }) => resource.delete(id, state, router.context())));
  });

  it("keeps the shared route and loose source check until the last redirection is removed", async () => {
    await router.run("echo 1 >/proc/sys/net/ipv4/conf/rsps/rp_filter");
    const one = await resource.create(await router.inputsWith({ name: "one" }), router.context());
    const other = await resource.create(await router.inputsWith({ name: "other", ports: [8080] }), router.context());
    await resource.delete(one.id, one.state, router.context());
    assert.equal(await router.seenAs(8080), "sps");
    assert.equal(await router.run("cat /proc/sys/net/ipv4/conf/rsps/rp_filter"), "2\n");
    const linux = { backend: "ip-rule", mark: 77 };
    const inputs = await router.inputsWith({ name: "by-rules", existingConnections: "cut" }, { linux });
    const byRules = await resource.create(inputs, router.context());
    await resource.delete(other.id, other.state, router.context());
    assert.equal(await router.run("cat /proc/sys/net/ipv4/conf/rsps/rp_filter"), "2\n");
    await resource.delete(byRules.id, byRules.state, router.context());
    assert.equal(await router.run("cat /proc/sys/net/ipv4/conf/rsps/rp_filter"), "1\n");
    await router.run("echo 0 >/proc/sys/net/ipv4/conf/rsps/rp_filter");
  });

  it("keeps foreign rules unchanged, also those added during its work", async () => {
    await router.run(`iptables -t mangle -A PREROUTING -i rcli -j MARK --set-xmark 0x4200/0xff00
iptables -t mangle -N THEIRS
iptables -A FORWARD -s 203.0.113.7 -j DROP
ip rule add pref 5200 fwmark 0x80000/0xff0000 lookup 52
ip route add 203.0.113.0/24 via 10.0.0.6 table 52`);
    const theirs = await router.snapshot();
    const before = await resource.create(await router.inputs(), router.context());
    assert.equal(await router.seenAs(), "sps");
    const adding = router.run(
      "for n in 1 2 3 4 5 6 7 8; do iptables -t mangle -A THEIRS -s 203.0.113.$n -j RETURN; sleep 0.1; done",
    );
    const news = await router.inputsWith({ ports: [3389, 8080] });
    const after = await resource.update(before.id, before.state, news, router.context());
    await adding;
    await resource.delete(before.id, after.state, router.context());
    assert.equal(await router.run("iptables-save -t mangle | grep -c '^-A THEIRS'"), "8\n");
    await router.run("iptables -t mangle -F THEIRS");
    assert.equal(await router.snapshot(), theirs);
    await router.run(`iptables -t mangle -F PREROUTING; iptables -t mangle -X THEIRS; iptables -F FORWARD
ip rule del pref 5200; ip route flush table 52`);
  });

  it("refuses to change a route that another resource uses, and accepts a separate mark", async () => {
    const theirs = await resource.create(await router.inputsWith({ name: "theirs" }), router.context());
    const open = { name: "ours", ports: [8080], failMode: "open" };
    await assert.rejects(
      resource.create(await router.inputsWith(open), router.context()),
      /packet mark 2 is shared with redirection theirs of another resource, which has failMode closed; .*\[SG3203\]$/,
    );
    const ours = await resource.create(await router.inputsWith(open, { linux: { mark: 200 } }), router.context());
    assert.deepEqual([await router.seenAs(3389), await router.seenAs(8080)], ["sps", "sps"]);
    for (const { id, state } of [ours, theirs]) await resource.delete(id, state, router.context());
  });

  it("adopts manual rules with the same name and mark", async () => {
    await router.run(`ip rule add pref 500 fwmark 0x2/0xff lookup 103
ip route add default via 10.0.0.6 table 10302
iptables -t mangle -N SPS-R-rdp
iptables -t mangle -A SPS-R-rdp -p tcp --dport 3389 -j CONNMARK --set-mark 2/0xff
iptables -t mangle -A PREROUTING -i rcli -j SPS-R-rdp`);
    const inputs = await router.inputs({ adopt: true });
    const { id, state } = await resource.create(inputs, router.context());
    assert.deepEqual(state.rules, rulesOf(inputs));
    assert.equal(await router.seenAs(), "sps");
    await resource.delete(id, state, router.context());
  });

  it("waits while another process holds the router", async () => {
    const holding = router.run("flock /run/lock/sps-redirect sh -c 'touch /run/held; sleep 2'");
    await router.awaitFile("/run/held");
    const started = Date.now();
    const { id, state } = await resource.create(await router.inputs(), router.context());
    assert.ok(Date.now() - started > 1000, `${Date.now() - started} ms`);
    await holding;
    await resource.delete(id, state, router.context());
  });

  it("warns about rules that may send the traffic elsewhere", async () => {
    await router.run(`ip rule add pref 100 lookup main
iptables -t mangle -N tcpre
iptables -t mangle -A tcpre -i rcli -j MARK --set-mark 5
iptables -t mangle -A PREROUTING -j tcpre
iptables -t mangle -A PREROUTING -i rcli -j CONNMARK --restore-mark
iptables -t raw -A PREROUTING -i rcli -j CT --notrack
nft 'add table inet theirs; add chain inet theirs pre { type filter hook prerouting priority -300; }'
nft add rule inet theirs pre iifname rcli tcp dport 3389 counter notrack`);
    const { id, state } = await resource.create(await router.inputs(), router.context());
    const warnings = router.log.filter((line) => line.startsWith("warn: ")).slice(-6);
    assert.match(warnings[0] ?? "", /policy rule "priority 100 .*" precedes the rule of the redirection/);
    assert.match(
      warnings[2] ?? "",
      /"-A PREROUTING -i rcli -j CONNMARK --restore-mark .*" overwrites the packet marks/,
    );
    assert.match(
      warnings[1] ?? "",
      /"-A tcpre -i rcli -j MARK --set-xmark 0x5\/0xffffffff" overwrites the packet marks/,
    );
    const untracked = [
      /"raw: -A PREROUTING -i rcli -j CT --notrack" may disable connection tracking for packets of redirection rdp/,
      /"nft inet theirs: iifname rcli tcp dport 3389 notrack" may/,
    ];
    for (const [index, pattern] of untracked.entries()) assert.match(warnings[3 + index] ?? "", pattern);
    assert.match(warnings[5] ?? "", /not proved: router routes packets of redirection rdp to SPS 172\.16\.9\.2/);
    await resource.delete(id, state, router.context());
    await router.run(
      "ip rule del pref 100; iptables -t mangle -F; iptables -t mangle -X tcpre; nft delete table inet theirs",
    );
    await router.run("iptables -t raw -F");
  });
});
