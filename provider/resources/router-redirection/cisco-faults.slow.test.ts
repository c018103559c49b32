import assert from "node:assert/strict";
import { loadText } from "../../../lab/cisco-ios/load-text";
import { CiscoLab, failureOf, isChange } from "./cisco-lab.test";
import { routerRedirection as resource } from "./operations";
import type { RouterRedirectionState } from "./schema";

/** A change of the router, from the state that it begins with. */
interface Change {
  /** Commands that the change enters before its confirmation. */
  commands: number;
  begin(lab: CiscoLab): Promise<RouterRedirectionState | undefined>;
  make(lab: CiscoLab, state: RouterRedirectionState | undefined): Promise<unknown>;
}

const create = async (lab: CiscoLab) => (await resource.create(await lab.inputs(), lab.context())).state;

const BYPASS = { bypass: "when-sps-silent" };
const createWatched = async (lab: CiscoLab) =>
  (await resource.create(await lab.inputsWith({ failMode: "open" }, BYPASS), lab.context())).state;

const THEIRS = `route-map THEIRS permit 10
 match ip address 7
interface GigabitEthernet1
 ip policy route-map THEIRS`;

const CHANGES: Record<string, Change> = {
  creation: { commands: 15, begin: async () => undefined, make: create },
  update: {
    commands: 15,
    begin: create,
    make: async (lab, state) => {
      assert.ok(state);
      await resource.update("", state, await lab.inputsWith({ ports: [3389, 8080] }), lab.context());
    },
  },
  removal: {
    commands: 7,
    begin: create,
    make: async (lab, state) => {
      assert.ok(state);
      await resource.delete("", state, lab.context());
    },
  },
  "creation with a watch": { commands: 27, begin: async () => undefined, make: createWatched },
  "update of a watch": {
    commands: 22,
    begin: createWatched,
    make: async (lab, state) => {
      assert.ok(state);
      const inputs = await lab.inputsWith({ failMode: "open" }, { ...BYPASS, watchdog: { port: 443 } });
      await resource.update("", state, inputs, lab.context());
    },
  },
  "removal of a watch": {
    commands: 9,
    begin: createWatched,
    make: async (lab, state) => {
      assert.ok(state);
      await resource.delete("", state, lab.context());
    },
  },
  "creation in a route-map of others": {
    commands: 12,
    begin: async (lab) => {
      const { device } = lab.router;
      await device.replaceRunning(loadText(device.running, THEIRS).configuration);
      return undefined;
    },
    make: async (lab) => {
      const extend = { firstSequence: 100, lastSequence: 199 };
      await resource.create(await lab.inputs({ ciscoIos: { extend } }), lab.context());
    },
  },
};

describe("RouterRedirection on a Cisco router: a fault at every command", function () {
  this.timeout(120_000);
  let lab: CiscoLab;

  afterEach(async () => {
    await lab.stop();
  });

  for (const [name, change] of Object.entries(CHANGES)) {
    for (const fault of ["drop-before", "drop-after", "error"] as const) {
      it(`leaves the router as before the ${name} (${fault})`, async () => {
        lab = await CiscoLab.start("cisco-faults", false);
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
            return fault === "error" ? { prints: "% Invalid input detected at '^' marker." } : fault;
          };
          const { code, isPartial, message } = await failureOf(change.make(lab, state));
          const expected = fault === "error" && position === 0 ? "SG3305" : "SG3301";
          assert.deepEqual([code, isPartial, lab.running], [expected, false, before], `${faulty}: ${message}`);
          assert.equal(device.pendingRollback, undefined, faulty);
        }
        device.faultFor = () => undefined;
        await change.make(lab, state);
        assert.notEqual(lab.running, before);
      });
    }
  }

  it("rolls back over a new login when a command gets no answer", async () => {
    lab = await CiscoLab.start("cisco-faults", false);
    const { device } = lab.router;
    const before = lab.running;
    device.faultFor = (command) => (command.startsWith("ip policy") ? "silence" : undefined);
    const { code, message } = await failureOf(create(lab));
    assert.deepEqual([code, lab.running], ["SG3301", before]);
    assert.match(message, /the session was lost: the terminal did not answer in time; it last wrote "ip policy /);
  });
});
