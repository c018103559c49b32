import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { CheckPointLab } from "./check-point-lab.test";
import { failureOf } from "./cisco-lab.test";
import { routerRedirection as resource } from "./operations";

/** The last command of a creation before its confirmation. */
const LAST = /1500 action/;

describe("RouterRedirection on a Check Point gateway: the timer on the gateway", function () {
  this.timeout(120_000);
  let lab: CheckPointLab;

  before(async () => {
    lab = await CheckPointLab.start("gaia-timer", true);
  });
  afterEach(() => {
    lab.router.device.faultFor = () => undefined;
    lab.router.device.isLoginPossible = true;
    lab.log.clear();
  });
  after(async () => {
    await lab.stop();
  });

  const inputsOf = async (parts: Record<string, unknown> = {}, connection: Record<string, unknown> = {}) => {
    return await lab.inputs({ ...parts, ...lab.withExpertPassword(connection) });
  };
  /** The unconfirmed changes that the gateway holds. */
  const pending = async () => {
    const { stdout } = (await lab.network?.exec("router", ["sh", "-c", "ls /run/sps-redirect 2>/dev/null"])) ?? {};
    return (stdout ?? "").trim();
  };
  /** Runs a creation that is killed at its last command. */
  const interrupt = async (inputs: Awaited<ReturnType<typeof inputsOf>>) => {
    const controller = new AbortController();
    const { device } = lab.router;
    device.faultFor = (command) => {
      if (LAST.test(command)) controller.abort(new Error("killed"));
      return undefined;
    };
    await assert.rejects(resource.create(inputs, { ...lab.context(), signal: controller.signal }));
    device.faultFor = () => undefined;
  };
  const notesOf = async (connection: Record<string, unknown> = {}) => {
    const inputs = await inputsOf({ preview: "always" }, connection);
    const { notes } = await resource.preview(undefined, inputs, lab.context());
    return notes.map(({ text }) => text).join("\n");
  };

  it("is told at preview, confirmed with the change, and leaves nothing behind", async () => {
    assert.match(await notesOf(), /a timer on the gateway rolls back unconfirmed changes/);
    const before = lab.running;
    const { id, state } = await resource.create(await inputsOf(), lab.context());
    assert.equal(await pending(), "");
    assert.equal(lab.router.device.running.rules.length, 3);
    await resource.delete(id, state, lab.context());
    assert.deepEqual([lab.running, await pending()], [before, ""]);
  });

  it("rolls back alone when the change cuts off every session and login", async () => {
    const before = lab.running;
    const { device } = lab.router;
    device.faultFor = (command) => {
      if (!LAST.test(command)) return undefined;
      device.isLoginPossible = false;
      return "drop-after";
    };
    const creation = failureOf(resource.create(await inputsOf({ commitConfirm: { windowSeconds: 5 } }), lab.context()));
    while (device.isLoginPossible) await pause(20);
    device.faultFor = () => undefined;
    const cut = performance.now();
    while (lab.running !== before) {
      assert.ok(performance.now() - cut < 60_000, "the timer rolls back");
      await pause(50);
    }
    device.isLoginPossible = true;
    const { code, isPartial } = await creation;
    assert.deepEqual([code, isPartial, lab.running], ["SG3301", false, before]);
    assert.equal(await pending(), "");
  });

  it("rolls back at once when a command is refused, or the new login is", async () => {
    const before = lab.running;
    const { device } = lab.router;
    device.faultFor = (command) => (LAST.test(command) ? { prints: "CLINFR0329  Invalid command:'set'." } : undefined);
    const refused = await failureOf(resource.create(await inputsOf(), lab.context()));
    assert.deepEqual([refused.code, refused.isPartial, lab.running], ["SG3301", false, before]);
    device.faultFor = (command) => {
      if (LAST.test(command)) device.isLoginPossible = false;
      return undefined;
    };
    const locked = await failureOf(resource.create(await inputsOf(), lab.context()));
    assert.deepEqual([locked.code, locked.isPartial, lab.running], ["SG3306", false, before]);
    assert.equal(await pending(), "");
  });

  it("rolls back what an interrupted run left before the next run plans its changes", async () => {
    const before = lab.running;
    const inputs = await inputsOf({ commitConfirm: { windowSeconds: 120 } });
    await interrupt(inputs);
    assert.notEqual(lab.running, before);
    assert.match(await pending(), /^commit\./);
    const { id, state } = await resource.create(inputs, lab.context());
    assert.match(lab.log.all.join("\n"), /rolled back changes of an earlier run that were never confirmed/);
    assert.equal(await pending(), "");
    await resource.delete(id, state, lab.context());
    assert.equal(lab.running, before);
  });

  const MOMENTS = [
    { title: "which holds the lock", overrideLock: false, rules: 3 },
    { title: "also with overrideLock", overrideLock: true, rules: 3 },
    { title: "nor its lock before its timer is armed", overrideLock: true, rules: 1 },
  ];
  for (const { title, overrideLock, rules } of MOMENTS)
    it(`does not touch the changes of a run that still works, ${title}`, async () => {
      const { device } = lab.router;
      const before = lab.running;
      const { probe } = device.effects;
      const checkPoint = { overrideLock };
      const others = lab.redirection({ name: "ssh", serverCidrs: ["10.0.0.9/32"], ports: [8080] });
      const second = await inputsOf({ redirections: [others], checkPoint }, { address: "localhost" });
      let refused: ReturnType<typeof failureOf> | undefined;
      device.effects.probe = async (sent) => {
        if (device.running.rules.length === rules && refused === undefined) {
          refused = failureOf(resource.create(second, lab.context("second")));
          await refused;
        }
        return await probe(sent);
      };
      try {
        const first = device.commands.length;
        const probe = { hosts: [{ address: "10.0.0.5" }] };
        const inputs = await inputsOf({ commitConfirm: { windowSeconds: 60 }, checkPoint, probe });
        const { id, state } = await resource.create(inputs, lab.context());
        const failure = await refused;
        assert.equal(failure?.code, "SG3010");
        if (overrideLock) assert.match(failure.message, /wait for that run to end; if it was interrupted, the gateway/);
        assert.doesNotMatch(lab.log.all.join("\n"), /rolled back/);
        const overrides = device.commands.slice(first).filter((line) => line === "lock database override");
        assert.equal(overrides.length, overrideLock ? 1 : 0, "only by the first run");
        await resource.delete(id, state, lab.context());
        assert.equal(lab.running, before);
      } finally {
        device.effects.probe = probe;
      }
    });

  it("takes the lock of an interrupted run once its timer has rolled it back", async () => {
    const { device } = lab.router;
    const before = lab.running;
    const checkPoint = { overrideLock: true };
    const interrupted = await inputsOf({ commitConfirm: { windowSeconds: 15 }, checkPoint });
    const end = performance.now() + 15_000;
    await interrupt(interrupted);
    // As after a connection that was lost silently.
    device.lockHolder = { user: "admin" };
    const inputs = await inputsOf({ checkPoint });
    for (const parts of [{ checkPoint }, {}]) {
      const { code, message } = await failureOf(resource.create(await inputsOf(parts), lab.context()));
      assert.equal(code, "SG3010");
      assert.match(message, /wait for that run to end; if it was interrupted, the gateway rolls its changes back/);
    }
    while (lab.running !== before) {
      assert.ok(performance.now() < end + 30_000, "the timer rolls back");
      await pause(50);
    }
    device.lockHolder = { user: "admin" };
    const { id, state } = await resource.create(inputs, lab.context());
    await resource.delete(id, state, lab.context());
    assert.deepEqual([lab.running, await pending()], [before, ""]);
  });

  it("takes the lock of an interrupted run at once when its timer was killed too", async () => {
    const { device } = lab.router;
    const before = lab.running;
    const interrupted = await inputsOf({ commitConfirm: { windowSeconds: 120 } });
    await interrupt(interrupted);
    await lab.network?.exec("router", ["sh", "-c", "kill -9 $(cat /run/sps-redirect/commit.*/timer)"]);
    device.lockHolder = { user: "admin" };
    const { code, message } = await failureOf(resource.create(await inputsOf(), lab.context()));
    assert.equal(code, "SG3010");
    assert.match(message, /or set checkPoint\.overrideLock to true to take the lock from it/);
    const inputs = await inputsOf({ checkPoint: { overrideLock: true } });
    const { id, state } = await resource.create(inputs, lab.context());
    await resource.delete(id, state, lab.context());
    assert.deepEqual([lab.running, await pending()], [before, ""]);
  });

  it("lets the next run work once the timer has rolled back a run whose answers stopped", async () => {
    const { device } = lab.router;
    const before = lab.running;
    let isSilent = false;
    device.faultFor = (command) => {
      if (isSilent || !LAST.test(command)) return undefined;
      isSilent = true;
      return "silence";
    };
    const stuck = failureOf(resource.create(await inputsOf(), lab.context()));
    while (!isSilent) await pause(20);
    while (lab.running !== before) await pause(50);
    const others = lab.redirection({ name: "ssh", serverCidrs: ["10.0.0.9/32"], ports: [8080] });
    const next = await inputsOf({ redirections: [others] }, { address: "localhost" });
    const { id, state } = await resource.create(next, lab.context("second"));
    const made = lab.running;
    assert.notEqual(made, before);
    await stuck;
    assert.equal(lab.running, made);
    await resource.delete(id, state, lab.context("second"));
    assert.deepEqual([lab.running, await pending()], [before, ""]);
  });

  it("leaves the lock and the rules of others alone when the first command of a step is refused", async () => {
    const { device } = lab.router;
    const before = lab.running;
    const other = { user: "webadmin" };
    const failing = async (start: string, meanwhile: () => void) => {
      device.faultFor = (command) => {
        if (!command.startsWith(start)) return undefined;
        device.faultFor = () => undefined;
        device.lockHolder = other;
        meanwhile();
        return undefined;
      };
      const first = device.commands.length;
      const { code, isPartial } = await failureOf(resource.create(await inputsOf(), lab.context()));
      assert.deepEqual([code, isPartial, await pending()], ["SG3301", false, ""]);
      return device.commands.slice(first).filter((line) => /override$| off$/.test(line) && !/config-lock/.test(line));
    };
    assert.deepEqual(await failing("set pbr table", () => undefined), []);
    assert.deepEqual([device.lockHolder, lab.running], [other, before]);
    device.lockHolder = undefined;
    const rule = "set pbr rule priority 1000";
    const meanwhile = () => void lab.enter(`${rule} match to 10.9.0.0/16`, `${rule} action main-table`);
    const undone = await failing(rule, meanwhile);
    assert.deepEqual([undone.length, undone.includes(`${rule} off`)], [3, false], undone.join("\n"));
    assert.match(lab.running, /^set pbr rule priority 1000 match to 10\.9\.0\.0\/16/m);
    await lab.enter(`${rule} off`);
    assert.equal(lab.running, before);
  });

  it("takes the lock once for a change", async () => {
    const { device } = lab.router;
    const first = device.commands.length;
    const { id, state } = await resource.create(await inputsOf(), lab.context());
    const created = device.commands.length;
    await resource.delete(id, state, lab.context());
    const locks = (start: number, end?: number) =>
      device.commands.slice(start, end).filter((line) => /config-lock on|lock database/.test(line));
    assert.deepEqual([locks(first, created), locks(created)], [["set config-lock on"], ["set config-lock on"]]);
  });

  it("undoes only the steps that were begun, and lets the changes of others be", async () => {
    const { device } = lab.router;
    const before = lab.running;
    device.faultFor = (command) => {
      if (!command.includes("1000 match protocol")) return undefined;
      device.faultFor = () => undefined;
      void lab.enter("set pbr table Other static-route default nexthop reject");
      return { prints: "CLINFR0329  Invalid command:'set'." };
    };
    const first = device.commands.length;
    const { code, isPartial } = await failureOf(resource.create(await inputsOf(), lab.context()));
    assert.deepEqual([code, isPartial], ["SG3301", false]);
    const undone = device.commands
      .slice(first)
      .filter((line) => / off$|override/.test(line) && /pbr|lock d/.test(line));
    assert.deepEqual(
      undone.map((line) => line.replace(/SPSrdp\w+?N1/, "TABLE")),
      [
        "lock database override",
        "set pbr rule priority 1000 off",
        "set pbr table TABLEC off",
        "set pbr table TABLE off",
      ],
    );
    assert.match(lab.running, /^set pbr table Other /m);
    await lab.enter("set pbr table Other off");
    assert.deepEqual([lab.running, await pending()], [before, ""]);
  });

  it("asks again after a lost answer to the confirmation, and keeps the change", async () => {
    const before = lab.running;
    const { device } = lab.router;
    let lost = 0;
    device.isShellOutputLost = (output) => {
      if (!output.includes("verdict kept") || lost > 0) return false;
      lost += 1;
      return true;
    };
    const inputs = await inputsOf();
    const { id, state } = await resource.create(inputs, lab.context());
    assert.deepEqual([lost, device.running.rules.length, await pending()], [1, 3, ""]);
    await resource.delete(id, state, lab.context());
    assert.equal(lab.running, before);
  });

  it("changes nothing when the timer cannot be armed", async () => {
    const before = lab.running;
    await lab.network?.exec("router", ["sh", "-c", "echo >/run/sps-redirect"]);
    const { code, isPartial, message } = await failureOf(resource.create(await inputsOf(), lab.context()));
    await lab.network?.exec("router", ["rm", "/run/sps-redirect"]);
    assert.deepEqual([code, isPartial, lab.running], ["SG3305", false, before]);
    assert.match(message, /the timer that would roll changes back cannot be armed: /);
  });

  it("refuses a wrong password of expert mode, and says when there is no shell", async () => {
    const wrong = await failureOf(resource.create(await inputsOf({}, { expertPassword: "wrong" }), lab.context()));
    assert.equal(wrong.code, "SG3006");
    assert.match(wrong.message, /the gateway refused the password of expert mode; correct router\.expertPassword/);
    const reason = /only this program rolls back .*: the login shell is Clish, and no router\.expertPassword is set/;
    assert.match(await notesOf({ expertPassword: undefined }), reason);
  });
});

describe("RouterRedirection on a Check Point gateway with bash as login shell", function () {
  this.timeout(120_000);

  it("arms the timer without a password, and leaves no trace", async () => {
    const lab = await CheckPointLab.start("gaia-bash", true, { hasBashLogin: true });
    try {
      const before = lab.running;
      const inputs = await lab.inputs({ preview: "always" });
      const { notes } = await resource.preview(undefined, inputs, lab.context());
      assert.ok(notes.some(({ text }) => text.endsWith("a timer on the gateway rolls back unconfirmed changes")));
      const { id, state } = await resource.create(inputs, lab.context());
      assert.equal(await lab.seenAs(), "sps");
      await resource.delete(id, state, lab.context());
      assert.equal(lab.running, before);
    } finally {
      await lab.stop();
    }
  });
});
