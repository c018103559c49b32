import assert from "node:assert/strict";
import type { Fault } from "../../../lab/command-line/fault";
import { CheckPointLab, isChange } from "./check-point-lab.test";
import { failureOf } from "./cisco-lab.test";
import { routerRedirection as resource } from "./operations";
import type { RouterRedirectionState } from "./schema";

/** A change of the router, from the state that it begins with. */
interface Change {
  /** Commands that the change enters before its confirmation. */
  commands: number;
  begin(lab: CheckPointLab): Promise<RouterRedirectionState | undefined>;
  make(lab: CheckPointLab, state: RouterRedirectionState | undefined): Promise<unknown>;
}

const create = async (lab: CheckPointLab) => (await resource.create(await lab.inputs(), lab.context())).state;

/** Rules with one table, more than are sent at a time. */
const MANY = {
  failMode: "open",
  serverCidrs: Array.from({ length: 7 }, (_, index) => `10.0.0.${index + 5}/32`),
};

const createMany = async (lab: CheckPointLab) =>
  (await resource.create(await lab.inputsWith(MANY), lab.context())).state;

const CHANGES: Record<string, Change> = {
  creation: { commands: 10, begin: async () => undefined, make: create },
  update: {
    commands: 12,
    begin: create,
    make: async (lab, state) => {
      assert.ok(state);
      const inputs = await lab.inputsWith({ ports: [22], serverCidrs: ["10.0.0.5/32"], spsAddress: "172.16.9.3" });
      await resource.update("", state, inputs, lab.context());
    },
  },
  removal: {
    commands: 4,
    begin: create,
    make: async (lab, state) => {
      assert.ok(state);
      await resource.delete("", state, lab.context());
    },
  },
};

/** Their rules are entered, or removed, together. */
const CHANGES_TOGETHER: Record<string, Change> = {
  "creation of many rules": { commands: 29, begin: async () => undefined, make: createMany },
  "removal of many rules": {
    commands: 8,
    begin: createMany,
    make: async (lab, state) => {
      assert.ok(state);
      await resource.delete("", state, lab.context());
    },
  },
};

const LOCK_LOST = [
  "CLINFR0771  Config lock is owned by webadmin. Use the command 'lock database override' to acquire the lock.",
  "CLINFR0519  Configuration lock present. Can not execute this command.",
].join("\n");

const FAULTS: Record<string, Fault> = {
  "session dropped before the command": "drop-before",
  "answer lost": "drop-after",
  "command refused": { prints: "CLINFR0329  Invalid command:'set'." },
  "lock taken by another session": { prints: LOCK_LOST },
};

describe("RouterRedirection on a Check Point gateway: a fault at every command", function () {
  this.timeout(120_000);
  let lab: CheckPointLab;

  afterEach(async () => {
    await lab.stop();
  });

  for (const [name, change] of Object.entries({ ...CHANGES, ...CHANGES_TOGETHER })) {
    for (const [title, fault] of Object.entries(FAULTS)) {
      it(`leaves the configuration as before the ${name} (${title})`, async () => {
        lab = await CheckPointLab.start("gaia-faults", false, { keepsLockOfLostSession: true });
        const { device } = lab.router;
        const state = await change.begin(lab);
        const before = lab.running;
        for (let position = 0; position < change.commands; position += 1) {
          let entered = -1;
          let faulty = "";
          device.faultFor = (command) => {
            if (!isChange(command)) return undefined;
            entered += 1;
            if (entered !== position) return undefined;
            faulty = command;
            return fault;
          };
          const { code, isPartial, message } = await failureOf(change.make(lab, state));
          assert.deepEqual([code, isPartial, lab.running], ["SG3301", false, before], `${faulty}: ${message}`);
          // A lost session may keep its lock until it times out.
          device.lockHolder = undefined;
        }
        device.faultFor = () => undefined;
        const commands = await lab.commandsDuring(() => change.make(lab, state));
        assert.equal(commands.length, change.commands, commands.join("\n"));
        assert.notEqual(lab.running, before);
      });
    }
  }

  it("rolls back over a new login when the prompt never comes", async () => {
    lab = await CheckPointLab.start("gaia-faults", false, { keepsLockOfLostSession: true });
    const before = lab.running;
    lab.router.device.faultFor = (command) => (command.includes("1000 match port") ? "silence" : undefined);
    const { code, message } = await failureOf(create(lab));
    assert.deepEqual([code, lab.running], ["SG3301", before]);
    assert.match(message, /the session was lost: the terminal did not answer in time/);
  });

  const KILLED = [
    { what: "a run", make: create, commands: CHANGES.creation?.commands, rules: 3 },
    { what: "a run with many rules", make: createMany, commands: 29, rules: 8 },
  ];
  for (const { what, make, commands, rules } of KILLED)
    it(`completes or removes what ${what} that was killed at any command has left`, async () => {
      lab = await CheckPointLab.start("gaia-faults", false);
      const { device } = lab.router;
      const before = lab.running;
      const snapshots: (typeof device.running)[] = [];
      device.faultFor = (command) => {
        if (isChange(command)) snapshots.push(structuredClone(device.running));
        return undefined;
      };
      await make(lab);
      device.faultFor = () => undefined;
      assert.equal(snapshots.length, commands);
      for (const [position, snapshot] of snapshots.entries()) {
        device.running = snapshot;
        const state = await make(lab);
        assert.equal(device.running.rules.length, rules, `${position}`);
        await resource.delete("", state, lab.context());
        assert.equal(lab.running, before, `${position}`);
      }
    });

  it("confirms a change and saves it although the first session is lost meanwhile", async () => {
    lab = await CheckPointLab.start("gaia-faults", false, { keepsLockOfLostSession: true });
    let isLost = false;
    lab.router.device.faultFor = (command) => {
      if (command !== "save config" || isLost) return undefined;
      isLost = true;
      return "drop-before";
    };
    const inputs = await lab.inputs({ persist: true });
    const { state } = await resource.create(inputs, lab.context());
    assert.equal(lab.saved, lab.running);
    assert.equal(state.rules.length, 2);
  });
});
