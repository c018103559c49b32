import assert from "node:assert/strict";
import { loadText } from "../../../lab/cisco-ios/load-text";
import { CiscoLab, failureOf } from "./cisco-lab.test";
import { routerRedirection as resource } from "./operations";

describe("RouterRedirection on a Cisco router: a program that ends during a change", function () {
  this.timeout(60_000);
  let lab: CiscoLab;

  const start = async (options: Parameters<typeof CiscoLab.start>[2] = {}) => {
    lab = await CiscoLab.start("cisco-interruption", false, options);
    return lab.router.device;
  };
  /** Creates the redirection and cancels when a command comes. */
  const cancelledAt = async (start: string) => {
    const controller = new AbortController();
    lab.router.device.faultFor = (command) => {
      if (command.startsWith(start)) controller.abort(new Error("cancelled"));
      return undefined;
    };
    const failure = await failureOf(
      resource.create(await lab.inputs(), { ...lab.context(), signal: controller.signal }),
    );
    lab.router.device.faultFor = () => undefined;
    return failure;
  };
  afterEach(async () => {
    await lab.stop();
  });

  it("continues after a kill at any command, where only this program rolls back", async () => {
    const device = await start({ hasArchive: false });
    const [clean, configuration] = [lab.running, device.running];
    const inputs = await lab.inputs();
    const first = await resource.create(inputs, lab.context());
    const entered = device.commands.filter((command) =>
      /^(ip access-list|remark|permit|route-map|match|set|interface|ip policy|exit)\b/.test(command),
    );
    assert.ok(entered.length >= 11, entered.join("\n"));
    for (let count = 2; count <= entered.length; count += 1) {
      const left = loadText(configuration, entered.slice(0, count).join("\n")).configuration;
      await device.replaceRunning(left);
      const { id, state } = await resource.create(inputs, lab.context());
      assert.deepEqual(state.rules, first.state.rules, `killed after ${entered[count - 1]}`);
      await resource.delete(id, state, lab.context());
      assert.equal(lab.running, clean, `killed after ${entered[count - 1]}`);
      await device.replaceRunning(structuredClone(configuration));
    }
  });

  it("leaves a list without an owner when it is killed after the first line, which adopt takes over", async () => {
    const device = await start({ hasArchive: false });
    const clean = lab.running;
    await device.replaceRunning(loadText(device.running, "ip access-list extended SPS-rdp-IN").configuration);
    const refused = await failureOf(resource.create(await lab.inputs(), lab.context()));
    assert.match(refused.message, /redirection rdp exists and records no resource as its owner; .*\[SG3201\]$/);
    const { id, state } = await resource.create(await lab.inputs({ adopt: true }), lab.context());
    assert.equal(state.rules.length, 2);
    await resource.delete(id, state, lab.context());
    assert.equal(lab.running, clean);
  });

  it("is rolled back by the revert timer after a cancel, and no run works on the router until then", async () => {
    const device = await start({ minuteMilliseconds: 1500 });
    const clean = lab.running;
    const cancelled = await cancelledAt("ip policy route-map");
    assert.match(cancelled.message, /cancelled/);
    assert.notEqual(device.pendingRollback, undefined);
    const next = await failureOf(resource.create(await lab.inputs(), lab.context()));
    assert.match(next.message, /a rollback of earlier changes is pending already; .*\[SG3010\]$/);
    const limit = Date.now() + 5000;
    while (device.pendingRollback && Date.now() < limit) await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(lab.running, clean);
    await resource.create(await lab.inputs(), lab.context());
  });

  it("is rolled back over a new login after a cancel, where only this program rolls back", async () => {
    await start({ hasArchive: false });
    const clean = lab.running;
    const cancelled = await cancelledAt("ip policy route-map");
    assert.deepEqual([cancelled.code, cancelled.isPartial, lab.running], ["SG3301", false, clean]);
  });

  it("says that nothing is settled while a timer may undo what is on the router", async () => {
    const device = await start();
    const inputs = await lab.inputs();
    const { id, state } = await resource.create(inputs, lab.context());
    // As after a kill between the last command and the confirmation.
    device.armRollback(5, "admin");
    const pending = await failureOf(resource.create(inputs, lab.context()));
    assert.match(pending.message, /a rollback of earlier changes is pending already; .*\[SG3010\]$/);
    device.confirm();
    assert.deepEqual((await resource.create(inputs, lab.context())).state.rules, state.rules);
    await resource.delete(id, state, lab.context());
  });

  it("leaves a scheduled reload alone, which may be of others and undoes what is not saved", async () => {
    const device = await start({ hasArchive: false });
    const allowed = await lab.inputs({ ciscoIos: { reloadFallback: true } });
    device.scheduleReload(30);
    const before = lab.running;
    for (const run of [1, 2]) {
      const pending = await failureOf(resource.create(allowed, lab.context()));
      assert.match(
        pending.message,
        /a reload of the router is scheduled already, .*; .*`reload cancel`.* \[SG3010\]$/,
        `${run}`,
      );
      assert.deepEqual([device.pendingReload?.minutes, lab.running === before], [30, run === 1]);
      // In sync, but not saved: as after a kill before the confirmation.
      if (run === 1) await resource.create(await lab.inputs(), lab.context());
    }
    device.cancelReload();
  });
});
