import assert from "node:assert/strict";
import { routerRedirection as resource } from "./operations";
import { SophosLab } from "./sophos-lab.test";

const FOREIGN = "safeguard owner ffffffffffff urn:pulumi:other::tests::safeguard:RouterRedirection::router";

describe("RouterRedirection on a Sophos UTM: objects of others with names of redirections", function () {
  this.timeout(60_000);
  let lab: SophosLab;

  beforeEach(async () => {
    lab = await SophosLab.start("sophos-foreign", false);
  });
  afterEach(async () => {
    await lab.stop();
  });

  for (const [title, comment] of Object.entries({ "without an owner": "by hand", "of another owner": FOREIGN })) {
    it(`keeps objects ${title} as they are, warns of them and works beside them`, async () => {
      const { id, state } = await resource.create(await lab.inputs(), lab.context());
      const { configuration } = lab.router.device;
      const host = configuration.create("network/host", {
        name: "sps:rdp:gateway:172.16.9.3",
        address: "10.0.0.77",
        comment,
      });
      const route = lab.own().get("sps:rdp:in:Internal");
      const { _ref, _type, _locked, ...values } = route ?? assert.fail();
      const all = { source: "REF_NetworkAny", destination: "REF_NetworkAny", service: "REF_ServiceAny" };
      const copy = { ...values, ...all, name: "sps:rdp:in:Other", target: host._ref, comment };
      configuration.create("route/policy", copy, { insert: { node: "routes.policy", position: 1 } });
      const foreign = () => structuredClone([lab.own().get(String(host.name)), lab.own().get("sps:rdp:in:Other")]);
      const before = foreign();

      const other = await lab.inputsWith({ spsAddress: "172.16.9.3" });
      const { state: updated } = await resource.update(id, state, other, lab.context());
      assert.deepEqual(foreign(), before);
      const target = lab.own().get("sps:rdp:gateway:172.16.9.3:2");
      assert.equal(lab.own().get("sps:rdp:in:Internal:2")?.target, target?._ref);
      assert.equal(target?.address, "172.16.9.3");
      for (const name of ["sps:rdp:in:Other", String(host.name)]) {
        const text = `${name} is kept, because its comment does not record this resource as its owner`;
        assert.ok(
          lab.log.of("warn").some((line) => line.includes(text)),
          text,
        );
      }
      await resource.delete(id, updated, lab.context());
      assert.deepEqual([foreign(), lab.own().size], [before, 2]);
    });
  }
});
