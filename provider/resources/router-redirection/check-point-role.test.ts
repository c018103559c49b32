import assert from "node:assert/strict";
import { CheckPointLab } from "./check-point-lab.test";
import { failureOf } from "./cisco-lab.test";
import { routerRedirection as resource } from "./operations";

const GIVE =
  "give the user the role adminRole, or read and write rights on the features that this command belongs to [SG3018]";
const unknown = (command: string) =>
  `CLINFR0329  Invalid command:'${command}'. (unknown to this gateway, or to the role of its user)`;

const PBR_HIDDEN = `read the router: Clish does not show this user policy-based routing: ${unknown("show pbr rules")}; ${GIVE}`;
const STATE_HIDDEN = `read the router: Clish does not show this user whether the configuration is saved: ${unknown("show config-state")}; ${GIVE}`;

describe("RouterRedirection on a Check Point gateway: role of the user", function () {
  this.timeout(60_000);
  let lab: CheckPointLab;

  const start = async (options = {}) => {
    lab = await CheckPointLab.start("gaia-role", false, options);
  };
  const hide = (...features: string[]) => {
    lab.router.device.variants.hiddenFeatures = features;
  };
  const create = async (parts = {}) => await resource.create(await lab.inputs(parts), lab.context());
  const withoutRouter = (text: string) => text.replace(/^router [^ ]+: /, "");
  const messageOf = async (work: Promise<unknown>) => withoutRouter((await failureOf(work)).message);
  const previewFailures = async (parts: Record<string, unknown> = {}) => {
    const inputs = await lab.inputs(parts);
    const { failures } = await resource.preview(undefined, { ...inputs, preview: "always" }, lab.context());
    return failures.map(({ reason }) => withoutRouter(reason));
  };
  afterEach(async () => {
    await lab.stop();
  });

  it("that hides PBR does not make redirections gone", async () => {
    await start();
    const { id, state } = await create();
    const before = lab.running;
    hide("pbr");
    assert.equal(await messageOf(resource.read(id, state, lab.context())), PBR_HIDDEN);
    assert.equal(await messageOf(resource.delete(id, state, lab.context())), PBR_HIDDEN);
    assert.equal(await messageOf(create()), PBR_HIDDEN);
    assert.deepEqual(await previewFailures(), [PBR_HIDDEN]);
    assert.equal(lab.running, before);
    hide();
    assert.ok(await resource.read(id, state, lab.context()));
    await resource.delete(id, state, lab.context());
    assert.doesNotMatch(lab.running, /SPSrdp/);
  });

  it("that shows PBR lets a gateway without any be read", async () => {
    await start();
    const { running } = lab.router.device;
    running.tables = [];
    running.rules = [];
    const { id, state } = await create();
    await resource.delete(id, state, lab.context());
    assert.equal(await resource.read(id, state, lab.context()), undefined);
  });

  it("that hides whether the configuration is saved refuses persist, and no removal", async () => {
    await start();
    const before = lab.running;
    hide("config-state");
    assert.equal(await messageOf(create({ persist: true })), STATE_HIDDEN);
    assert.deepEqual(await previewFailures({ persist: true }), [STATE_HIDDEN]);
    assert.equal(lab.running, before);
    const { id, state } = await create({ persist: false });
    assert.ok(await resource.read(id, state, lab.context()));
    const kept = await lab.inputs({ persist: true });
    assert.equal(await messageOf(resource.update(id, state, kept, lab.context())), STATE_HIDDEN);
    hide();
    const { state: saved } = await resource.update(id, state, kept, lab.context());
    hide("config-state");
    const withRedirection = lab.running;
    assert.equal(await messageOf(resource.delete(id, saved, lab.context())), STATE_HIDDEN);
    assert.equal(lab.running, withRedirection);
    await resource.delete(id, { ...state, persist: false }, lab.context());
    assert.equal(lab.running, before);
    hide("version");
    const [refused] = await previewFailures();
    assert.match(
      refused ?? "",
      /reports no version of Gaia; use a gateway with Gaia and a full Clish, or give the user/,
    );
  });

  it("that may only read PBR leaves the gateway as it was, and is named as a cause", async () => {
    await start({ readOnlyFeatures: ["pbr"] });
    const before = lab.running;
    const { code, message } = await failureOf(create());
    assert.equal(code, "SG3301");
    assert.match(
      message,
      /`set pbr table SPSrdp.*` was refused: CLINFR0329 .* \(unknown to this gateway, or to the role of/,
    );
    assert.equal(lab.running, before);
  });

  it("that may not save keeps the redirections, and is named as a cause", async () => {
    await start({ readOnlyFeatures: ["config"] });
    const { code, message } = await failureOf(create({ persist: true }));
    assert.equal(code, "SG3309");
    assert.match(
      message,
      /`save config` was refused: CLINFR0329 .* \(unknown to this gateway, or to the role of its user\)/,
    );
    assert.match(lab.running, /SPSrdp/);
  });
});
