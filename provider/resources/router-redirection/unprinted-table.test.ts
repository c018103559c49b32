import assert from "node:assert/strict";
import { BACKENDS, type BackendName } from "../../router/linux/model/backend-names";
import { LabRouter } from "./lab-router.test";
import { routerRedirection as resource } from "./operations";

/** A rule that clamps the MSS, in a table of iptables. With it, `iptables-save` prints a comment only and exits with 0. */
const clamp = (table: string) => `nft add table ip ${table}
nft add chain ip ${table} FORWARD '{ type filter hook forward priority mangle; }'
nft add rule ip ${table} FORWARD oifname "rsrv" tcp flags syn tcp option maxseg size set rt mtu`;
const unclamp = (table: string) => `nft flush chain ip ${table} FORWARD; nft delete chain ip ${table} FORWARD`;

const FLUSH: Record<BackendName, string> = {
  "iptables-nft": "iptables -t mangle -F; iptables -t mangle -X",
  "iptables-legacy": "iptables-legacy -t mangle -F; iptables-legacy -t mangle -X",
  nftables: "nft flush ruleset",
  "ip-rule": "nft flush ruleset; while ip rule del ipproto tcp table 10302 2>/dev/null; do :; done",
};

describe("RouterRedirection on a Linux router: lost and unreadable tables", function () {
  this.timeout(30_000);
  let router: LabRouter;

  before(async () => {
    router = await LabRouter.start("unprinted", "echo 1 >/proc/sys/net/ipv4/conf/rsps/rp_filter");
  });
  after(async () => {
    await router.stop();
  });
  afterEach(async () => {
    await router.assertClean();
  });

  const jumps = () => router.run("iptables -t mangle -S PREROUTING | grep -c 'j SPS-R-' || true");

  it("refuses read, delete and create while iptables cannot print the table of a redirection", async () => {
    const { id, state } = await resource.create(await router.inputs(), router.context());
    await router.run(clamp("mangle"));
    assert.match(await router.run("iptables-save -t mangle"), /^# Table .mangle. is incompatible/);
    const refused =
      /read the router: iptables cannot read its table mangle, because it holds native nftables rules, and it holds redirections; find them with `nft list table ip mangle`, .* \[SG3102\]$/;
    await assert.rejects(resource.read(id, state, router.context()), refused);
    await assert.rejects(resource.delete(id, state, router.context()), refused);
    await assert.rejects(resource.update(id, state, await router.inputs(), router.context()), refused);
    for (const name of ["rdp", "other"]) {
      await assert.rejects(resource.create(await router.inputsWith({ name }), router.context()), refused);
    }
    assert.equal(await jumps(), "1\n");
    assert.equal(await router.seenAs(), "sps");
    await router.run(unclamp("mangle"));
    assert.deepEqual((await resource.read(id, state, router.context()))?.state.rules, state.rules);
    await resource.delete(id, state, router.context());
  });

  it("chooses nftables when iptables cannot print its table, and refuses iptables-nft", async () => {
    await router.run(clamp("mangle"));
    const refused = /backend iptables-nft: iptables cannot read its table mangle, .*\[SG3102\]$/;
    await assert.rejects(
      resource.create(await router.inputs({ linux: { backend: "iptables-nft" } }), router.context()),
      refused,
    );
    assert.equal(await jumps(), "0\n");
    for (const backend of ["auto", "iptables-legacy", "ip-rule"]) {
      const inputs = await router.inputsWith({ existingConnections: "cut" }, { linux: { backend } });
      const { id, state } = await resource.create(inputs, router.context());
      assert.equal(state.linuxStatus?.backend, backend === "auto" ? "nftables" : backend);
      assert.equal(await router.seenAs(), "sps");
      await resource.delete(id, state, router.context());
      assert.equal(await resource.read(id, state, router.context()), undefined);
    }
    await router.run(unclamp("mangle"));
  });

  it("keeps the record of a redirection in iptables-nft after a flush and a native rule", async () => {
    const { id, state } = await resource.create(await router.inputs(), router.context());
    await router.run(`iptables -t mangle -F; iptables -t mangle -X; ${clamp("mangle")}`);
    await assert.rejects(resource.read(id, state, router.context()), /backend iptables-nft: .*\[SG3102\]$/);
    await router.run(unclamp("mangle"));
    await resource.delete(id, state, router.context());
  });

  it("works beside native rules in the other tables of iptables", async () => {
    for (const table of ["filter", "security"]) {
      await router.run(clamp(table));
      const { id, state } = await resource.create(await router.inputs(), router.context());
      assert.equal(state.linuxStatus?.backend, "iptables-nft");
      assert.equal(await router.seenAs(), "sps");
      await resource.delete(id, state, router.context());
      await router.run(unclamp(table));
    }
    await router.run("nft delete table ip security");
  });

  for (const backend of BACKENDS) {
    it(`removes policy rule, routing table and source check after a flush with ${backend}`, async () => {
      const inputs = await router.inputsWith({ existingConnections: "cut" }, { linux: { backend } });
      const { id, state } = await resource.create(inputs, router.context());
      await router.run(FLUSH[backend]);
      const found = await resource.read(id, state, router.context());
      assert.ok(found, "the redirection is not gone");
      assert.ok(found.state.rules.includes("route: default via 172.16.9.2 dev rsps table 10302 proto 103"));
      await resource.delete(id, found.state, router.context());
      await router.assertClean();
      assert.equal(await resource.read(id, found.state, router.context()), undefined);
    });
  }

  for (const [what, script] of [
    ["policy rule", "nft flush ruleset; ip route flush table 10302; rm -r /run/sps-redirect"],
    ["routing table", "nft flush ruleset; ip rule del pref 10302; rm -r /run/sps-redirect"],
    ["loosened source check", "nft flush ruleset; ip rule del pref 10302; ip route flush table 10302"],
  ] as const) {
    it(`keeps a redirection in the state while its ${what} is left`, async () => {
      const { id, state } = await resource.create(await router.inputs(), router.context());
      await router.run(script);
      assert.ok(await resource.read(id, state, router.context()));
      await resource.delete(id, state, router.context());
      await router.run("echo 1 >/proc/sys/net/ipv4/conf/rsps/rp_filter");
    });
  }
});
