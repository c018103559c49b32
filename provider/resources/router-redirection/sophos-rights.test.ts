import assert from "node:assert/strict";
import { failureOf } from "./cisco-lab.test";
import { routerRedirection as resource } from "./operations";
import { SophosLab } from "./sophos-lab.test";

describe("RouterRedirection on a Sophos UTM: what the user may see", function () {
  this.timeout(60_000);
  let lab: SophosLab;

  beforeEach(async () => {
    lab = await SophosLab.start("sophos-rights", false);
  });
  afterEach(async () => {
    await lab.stop();
  });

  it("does not take a redirection for gone whose policy route is in the order and in no list", async () => {
    const { id, state } = await resource.create(await lab.inputs(), lab.context());
    const { configuration } = lab.router.device;
    const { list } = configuration;
    configuration.list = (type) => (type === "route/policy" ? [] : list.call(configuration, type));
    const refused =
      /^router \S+: read the router: the order of policy routes has REF_\S+ that the list of policy routes does not show to this user; give the user of the API token .* \[SG3018\]$/;
    for (const work of [
      resource.read(id, state, lab.context()),
      resource.delete(id, state, lab.context()),
      resource.create(await lab.inputs(), lab.context()),
    ])
      assert.match((await failureOf(work)).message, refused);
    configuration.list = list;
    assert.ok(await resource.read(id, state, lab.context()));
  });

  it("reads again when a policy route was deleted between two answers", async () => {
    const { id, state } = await resource.create(await lab.inputs(), lab.context());
    const { configuration } = lab.router.device;
    const { node } = configuration;
    let isFirst = true;
    configuration.node = (name) => {
      const value = node.call(configuration, name);
      if (name !== "routes.policy" || !isFirst) return value;
      isFirst = false;
      return [...(value as string[]), "REF_RouPolGone"];
    };
    assert.ok(await resource.read(id, state, lab.context()));
    assert.equal(isFirst, false);
  });
});
