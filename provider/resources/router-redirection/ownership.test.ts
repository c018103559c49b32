import assert from "node:assert/strict";
import { rulesOf } from "../../../tests/support/planned-rules";
import { BACKENDS } from "../../router/linux/model/backend-names";
import { LabRouter } from "./lab-router.test";
import { routerRedirection as resource } from "./operations";

/** Policy rules cannot leave existing connections alone, so all backends cut them here. */
const CUT = { existingConnections: "cut" };

describe("RouterRedirection on a Linux router: owners of redirections", function () {
  this.timeout(60_000);
  let router: LabRouter;

  before(async () => {
    router = await LabRouter.start("owners");
  });
  after(async () => {
    await router.stop();
  });
  beforeEach(() => {
    router.log.length = 0;
  });
  afterEach(async () => {
    await router.assertClean();
  });

  const otherStack = () => router.context(undefined, "router", "other");
  const recordedOwner = async () => (await router.run("cat /run/sps-redirect/owner.rdp")).trim();
  const warnings = () =>
    router.log.filter((line) => line.startsWith("warn: ")).map((line) => line.split(": ").slice(2));

  for (const backend of BACKENDS) {
    it(`refuses a second stack without adopt, and hands the redirection over with adopt, in ${backend}`, async () => {
      const inputs = await router.inputsWith(CUT, { linux: { backend } });
      const first = await resource.create(inputs, router.context());
      const before = await router.snapshot();
      await assert.rejects(
        resource.create(inputs, otherStack()),
        /: check the router: redirection rdp exists already and belongs to resource router of stack tests\/lab; choose another name, or set adopt: true to take it over \[SG3201\]$/,
      );
      assert.equal(await router.snapshot(), before);

      const second = await resource.create({ ...inputs, adopt: true }, otherStack());
      assert.match(await recordedOwner(), new RegExp(`^${second.state.ownerId} urn:pulumi:other::tests::`));
      assert.deepEqual(warnings().at(-1), ["takes over redirection rdp from resource router of stack tests/lab"]);
      assert.equal(await resource.read(first.id, first.state, router.context()), undefined, "gone for the first stack");
      await resource.delete(first.id, first.state, router.context());
      assert.deepEqual(warnings().at(-1), [
        "redirection rdp is not removed",
        "it belongs to resource router of stack tests/other",
      ]);
      assert.equal(await router.seenAs(), "sps");
      assert.deepEqual(second.state.rules, (await resource.read(second.id, second.state, otherStack()))?.state.rules);
      await resource.delete(second.id, second.state, otherStack());
      assert.deepEqual(warnings().at(-1), [
        "redirection rdp removed",
        "new connections go direct and are NOT recorded",
      ]);
      assert.equal(await router.seenAs(), "client");
    });
  }

  it("keeps a redirection whose resource was renamed without an alias", async () => {
    const inputs = await router.inputs();
    const old = await resource.create(inputs, router.context(undefined, "old"));
    const renamed = await router.whileConnecting(async () => {
      const made = await resource.create(inputs, router.context(undefined, "new"));
      await resource.delete(old.id, old.state, router.context(undefined, "old"));
      return made;
    });
    assert.equal(await router.seenAs(), "sps");
    assert.deepEqual(renamed.state.rules, rulesOf(inputs));
    await resource.delete(renamed.id, renamed.state, router.context(undefined, "new"));
  });

  it("keeps a redirection that replaces itself with other rules", async () => {
    const old = await resource.create(await router.inputs(), router.context());
    const news = await router.inputsWith({ ports: [3389, 8080] });
    const made = await resource.create(news, router.context());
    await resource.delete(old.id, old.state, router.context());
    assert.deepEqual([await router.seenAs(3389), await router.seenAs(8080)], ["sps", "sps"]);
    await resource.delete(made.id, made.state, router.context());
  });

  it("refuses a second resource of the stack with other rules for the same name", async () => {
    const one = await resource.create(await router.inputs(), router.context(undefined, "one"));
    await assert.rejects(
      resource.create(await router.inputsWith({ ports: [22] }), router.context(undefined, "two")),
      /belongs to resource one of stack tests\/lab, with other rules; if that is this resource under its former name, set the option aliases; otherwise choose another name \[SG3201\]$/,
    );
    assert.equal(await router.seenAs(), "sps");
    await resource.delete(one.id, one.state, router.context(undefined, "one"));
  });

  it("shows an adopted redirection as drift, and refuses to take it back without adopt", async () => {
    const both = await router.inputs({
      redirections: [router.redirection(), router.redirection({ name: "web", ports: [8080] })],
    });
    const first = await resource.create(both, router.context());
    const second = await resource.create(await router.inputs({ adopt: true }), otherStack());
    const read = await resource.read(first.id, first.state, router.context());
    assert.deepEqual(
      rulesOf(both).filter((rule) => !read?.state.rules.includes(rule)),
      rulesOf(both).filter((rule) => rule.includes("rdp")),
    );
    const update = resource.update(first.id, read?.state ?? first.state, both, router.context());
    await assert.rejects(update, /redirection rdp exists already and belongs to resource router of stack tests\/other/);
    await resource.delete(first.id, first.state, router.context());
    assert.deepEqual([await router.seenAs(3389), await router.seenAs(8080)], ["sps", "client"]);
    await resource.delete(second.id, second.state, otherStack());
  });

  it("restores the recorded owner when an adoption is rolled back", async () => {
    const first = await resource.create(await router.inputs(), router.context());
    const owner = await recordedOwner();
    const adopting = await router.inputsWith(
      { spsAddress: "172.16.9.9" },
      { adopt: true, probe: { path: "required" }, linux: { mark: 7 } },
    );
    await assert.rejects(resource.create(adopting, otherStack()), /everything was rolled back; .*\[SG3306\]$/);
    assert.equal(await recordedOwner(), owner);
    assert.equal(await router.seenAs(), "sps");
    await resource.delete(first.id, first.state, router.context());
  });

  it("takes a redirection that nobody owns only with adopt, and any name that is free again", async () => {
    const inputs = await router.inputs();
    const first = await resource.create(inputs, router.context());
    await router.run("rm -r /run/sps-redirect");
    await assert.rejects(resource.create(inputs, otherStack()), /the router records no owner for it; .* \[SG3201\]$/);
    const kept = await resource.update(first.id, first.state, inputs, router.context());
    assert.match(await recordedOwner(), new RegExp(`^${first.state.ownerId} `));
    await router.run(
      "iptables -t mangle -F; iptables -t mangle -X; ip rule del pref 10302; ip route flush table 10302",
    );
    const second = await resource.create(inputs, otherStack());
    await resource.delete(first.id, kept.state, router.context());
    assert.equal(await router.seenAs(), "sps");
    await resource.delete(second.id, second.state, otherStack());
  });
});
