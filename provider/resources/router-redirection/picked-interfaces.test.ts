import assert from "node:assert/strict";
import { rulesOf } from "../../../tests/support/planned-rules";
import { LabRouter } from "./lab-router.test";
import { routerRedirection as resource } from "./operations";

describe("RouterRedirection on a Linux router: interfaces selected by address or route", function () {
  this.timeout(30_000);
  let router: LabRouter;
  const picks = {
    clientInterfaces: ["address:192.168.50.1"],
    spsInterface: "towards:172.16.9.0/24",
    serverInterfaces: ["towards:10.0.0.0/24"],
    clientCidrs: ["192.168.50.0/24"],
    existingConnections: "cut",
    addressMode: "client",
  };

  before(async () => {
    router = await LabRouter.start("picked");
    await router.run("echo 1 >/proc/sys/net/ipv4/conf/rsps/rp_filter");
    await router.network.setAddressMode("client");
    await router.noteClean();
  });
  after(async () => {
    await router.stop();
  });
  afterEach(async () => {
    await router.assertClean();
  });

  for (const backend of ["iptables-nft", "ip-rule"]) {
    it(`finds selected interfaces, shows them and matches the preview with ${backend}`, async () => {
      const inputs = await router.inputsWith(picks, { linux: { backend } });
      assert.match(rulesOf(inputs).join("\n"), /(iif|-i) address:192\.168\.50\.1/);
      const { id, state } = await resource.create(inputs, router.context());
      assert.deepEqual(state.rules, rulesOf(inputs));
      assert.deepEqual(state.interfaces, [
        { name: "rcli", addresses: ["192.168.50.1/24"], selectedBy: ["address:192.168.50.1"] },
        { name: "rsps", addresses: ["172.16.9.1/24"], selectedBy: ["towards:172.16.9.0/24"] },
        { name: "rsrv", addresses: ["10.0.0.1/24"], selectedBy: ["towards:10.0.0.0/24"] },
      ]);
      const before = (await router.network.auditRecords()).length;
      assert.equal(await router.seenAs(), "client");
      assert.equal((await router.network.auditRecords()).length, before + 1, "recorded by SPS");
      assert.equal(await router.run("cat /proc/sys/net/ipv4/conf/rsps/rp_filter"), "2\n");
      const found = await resource.read(id, state, router.context());
      assert.deepEqual(
        resource.diff(id, found?.state ?? state, inputs).map(({ path }) => path),
        [],
      );
      await resource.delete(id, state, router.context());
    });
  }

  it("shows drift when another interface matches the selector, and the update follows", async () => {
    const before = picks.clientInterfaces;
    const inputs = await router.inputsWith({ ...picks, clientInterfaces: before });
    const { id, state } = await resource.create(inputs, router.context());
    await router.run("ip addr add 192.168.50.1/32 dev rmgt; ip addr del 192.168.50.1/24 dev rcli");
    const found = await resource.read(id, state, router.context());
    assert.match(found?.state.rules.join("\n") ?? "", /-i rcli .*sps:rdp:client/);
    const updated = await resource.update(id, found?.state ?? state, inputs, router.context());
    assert.deepEqual(updated.state.rules, rulesOf(inputs));
    assert.match(await router.snapshot(), /-i rmgt .*sps:rdp:client/);
    await resource.delete(id, updated.state, router.context());
    await router.run("ip addr del 192.168.50.1/32 dev rmgt; ip addr add 192.168.50.1/24 dev rcli");
  });

  it("refuses selectors that match no interface or the same interface", async () => {
    const create = async (parts: Record<string, unknown>) =>
      resource.create(await router.inputsWith({ ...picks, ...parts }), router.context());
    await assert.rejects(
      create({ clientInterfaces: ["address:192.168.99.1"] }),
      /check the router: no interface has the address 192\.168\.99\.1; correct it; the router has .*rcli 192\.168\.50\.1\/24.* \[SG3103\]$/,
    );
    await assert.rejects(
      create({ spsInterface: "towards:198.18.0.0/15" }),
      /the router has no route to 198\.18\.0\.0\/15; .*\[SG3103\]$/,
    );
    await assert.rejects(
      create({ clientInterfaces: ["towards:172.16.9.128/25"] }),
      /clientInterfaces: rsps is also spsInterface; .*\(towards:10\.0\.0\.0\/24 is rsrv, .*\[SG3103\]$/,
    );
  });
});
