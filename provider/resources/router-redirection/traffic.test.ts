import assert from "node:assert/strict";
import { rulesOf } from "../../../tests/support/planned-rules";
import { LabRouter } from "./lab-router.test";
import { routerRedirection as resource } from "./operations";

describe("RouterRedirection on a Linux router: traffic", function () {
  this.timeout(30_000);
  let router: LabRouter;

  before(async () => {
    router = await LabRouter.start("traffic");
  });
  after(async () => {
    await router.stop();
  });
  afterEach(async () => {
    await router.network.setAddressMode("own");
    await router.assertClean();
  });

  const client = { addressMode: "client", clientCidrs: ["192.168.50.0/24"] };

  async function audited(work: () => Promise<unknown>): Promise<string[]> {
    const before = (await router.network.auditRecords()).length;
    await work();
    return (await router.network.auditRecords()).slice(before).map(({ server, mode }) => `${server} ${mode}`);
  }

  for (const strictness of ["all", "rsps"]) {
    it(`sends traffic through SPS in both modes with strict source check on ${strictness}`, async () => {
      const setting = `/proc/sys/net/ipv4/conf/${strictness}/rp_filter`;
      await router.run(`echo 1 >${setting}`);
      const before = await router.snapshot();
      const own = await resource.create(await router.inputs(), router.context());
      assert.deepEqual(await audited(async () => assert.equal(await router.seenAs(), "sps")), ["10.0.0.5:3389 own"]);
      await router.network.setAddressMode("client");
      const news = await router.inputsWith(client);
      const spoofing = await resource.update(own.id, own.state, news, router.context());
      assert.deepEqual(await audited(async () => assert.equal(await router.seenAs(), "client")), [
        "10.0.0.5:3389 client",
      ]);
      await resource.delete(own.id, spoofing.state, router.context());
      assert.equal(await router.snapshot(), before);
      await router.run(`echo 0 >${setting}`);
    });
  }

  it("redirects only the named clients", async () => {
    const { id, state } = await resource.create(
      await router.inputsWith({ clientCidrs: ["192.168.50.128/25"] }),
      router.context(),
    );
    assert.equal(await router.seenAs(), "client");
    await resource.delete(id, state, router.context());
  });

  it("keeps existing connections, also on a router without connection tracking before", async () => {
    const session = await router.network.openFromClient("10.0.0.5", 3389);
    const { id, state } = await resource.create(await router.inputs(), router.context());
    await session.ping();
    assert.equal(await router.seenAs(), "sps");
    await session.ping();
    await session.close();
    await resource.delete(id, state, router.context());
  });

  it("cuts existing connections with existingConnections set to cut", async () => {
    const session = await router.network.openFromClient("10.0.0.5", 3389);
    const { id, state } = await resource.create(
      await router.inputsWith({ existingConnections: "cut" }),
      router.context(),
    );
    await assert.rejects(session.ping(2));
    assert.equal(await router.seenAs(), "sps");
    await resource.delete(id, state, router.context());
  });

  it("redirects with iptables-legacy and stays there when the router's default changes", async () => {
    const select = (backend: string) =>
      ["iptables", "iptables-save", "iptables-restore"]
        .map((name) => `ln -sf /usr/sbin/${name.replace("iptables", `iptables-${backend}`)} /etc/alternatives/${name}`)
        .join("\n");
    await router.run(select("legacy"));
    assert.match(await router.run("iptables -V"), /legacy/);
    try {
      const inputs = await router.inputs();
      const { id, state } = await resource.create(inputs, router.context());
      assert.equal(state.linuxStatus?.backend, "iptables-legacy");
      assert.deepEqual(state.rules, rulesOf(inputs));
      assert.equal(await router.seenAs(), "sps");
      await router.run(select("nft"));
      const news = await router.inputsWith({ ports: [8080] });
      const updated = await resource.update(id, state, news, router.context());
      assert.deepEqual(
        [updated.state.linuxStatus?.backend, updated.state.linuxStatus?.backendReason],
        ["iptables-legacy", "the redirections are stored there already"],
      );
      assert.deepEqual([await router.seenAs(8080), await router.seenAs(3389)], ["sps", "client"]);
      await resource.delete(id, updated.state, router.context());
    } finally {
      await router.run(select("nft"));
    }
  });

  it("applies and reads back a thousand rules in one connection", async () => {
    const networks = Array.from({ length: 1000 }, (_, index) => `10.${1 + (index >> 8)}.${index & 255}.0/24`);
    const inputs = await router.inputsWith({ serverCidrs: networks });
    assert.equal(rulesOf(inputs).length, 1006);
    const started = Date.now();
    const { id, state } = await resource.create(inputs, router.context());
    assert.ok(Date.now() - started < 10_000, `${Date.now() - started} ms`);
    assert.deepEqual(state.rules, rulesOf(inputs));
    await resource.delete(id, state, router.context());
  });
});
