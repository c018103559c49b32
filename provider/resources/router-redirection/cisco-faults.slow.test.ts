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
  "creation with a watch": { commands: 28, begin: async () => undefined, make: createWatched },
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
    commands: 7,
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

/** The objects of the router, and how often each has changed its state. */
const objectsOf = ({ router: { device } }: CiscoLab) =>
  device.running.tracks.map(({ number }) => [number, device.monitor.isUp(number), device.monitor.changesOf(number)]);

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
        const before = [lab.running, objectsOf(lab)];
        for (let position = 0; position < change.commands; position += 1) {
          let entered = -1;
          let faulty = "";
          device.faultFor = (command) => {
            if (!isChange(command) && !command.startsWith("do show")) return undefined;
            entered += 1;
            if (entered !== position) return undefined;
            faulty = command;
            return fault === "error" ? { prints: "% Invalid input detected at '^' marker." } : fault;
          };
          const { code, isPartial, message } = await failureOf(change.make(lab, state));
          const expected = fault === "error" && position === 0 ? "SG3305" : "SG3301";
          const after = [lab.running, objectsOf(lab)];
          assert.deepEqual([code, isPartial, after], [expected, false, before], `${faulty}: ${message}`);
          assert.equal(device.pendingRollback, undefined, faulty);
        }
        device.faultFor = () => undefined;
        await change.make(lab, state);
        assert.notEqual(lab.running, before[0]);
      });
    }
  }

  it("undoes an update by inverse commands where the router has no archive", async () => {
    lab = await CiscoLab.start("cisco-faults", false, { hasArchive: false });
    const { device } = lab.router;
    const state = await createWatched(lab);
    const before = [lab.running, objectsOf(lab)];
    const inputs = await lab.inputsWith({ ports: [8080] }, { ciscoIos: { trackSps: true }, watchdog: { port: 443 } });
    device.faultFor = (command) => (command === "no ip access-list extended SPS-rdp-IN" ? "drop-before" : undefined);
    const { code, message } = await failureOf(resource.update("", state, inputs, lab.context()));
    assert.deepEqual([code, [lab.running, objectsOf(lab)]], ["SG3301", before], message);
  });

  it("removes an old watch with the next update when the router kept it after the confirmation", async () => {
    lab = await CiscoLab.start("cisco-faults", false);
    const { device } = lab.router;
    const state = await createWatched(lab);
    const inputs = await lab.inputsWith({ failMode: "open" }, { ...BYPASS, watchdog: { port: 443 } });
    device.faultFor = (command) => (command === "no track 400" ? { prints: "% Error: in use" } : undefined);
    const { state: kept } = await resource.update("", state, inputs, lab.context());
    assert.match(lab.log.all.join("\n"), /an old watch of SPS is left: `no track 400` was refused: % Error: in use/);
    assert.match(lab.running, /track 400 ip sla 400 reachability/);
    assert.notDeepEqual(resource.diff("", kept, inputs), []);
    device.faultFor = (command) => (command === "no track 400" ? "drop-before" : undefined);
    const { code } = await failureOf(resource.update("", kept, inputs, lab.context()));
    assert.equal(code, "SG3007");
    device.faultFor = () => undefined;
    const { state: clean } = await resource.update("", kept, inputs, lab.context());
    assert.doesNotMatch(lab.running, /(?:track|ip sla) 400/);
    assert.deepEqual(resource.diff("", clean, inputs), []);
  });

  /** Another program starts an operation under the number that is free until then, before a command of ours. */
  const startOtherBefore = (start: string) => {
    const { device } = lab.router;
    device.faultFor = (command) => {
      if (!command.startsWith(start)) return undefined;
      device.faultFor = () => undefined;
      const text = "ip sla 400\n icmp-echo 10.9.9.9\nip sla schedule 400 life forever start-time now";
      device.running = loadText(device.running, text).configuration;
      return undefined;
    };
  };

  it("changes nothing when another session has changed the configuration since it was read", async () => {
    lab = await CiscoLab.start("cisco-faults", false);
    startOtherBefore("ping 172.16.9.2");
    const commands = await lab.commandsDuring(async () => {
      const { code, message } = await failureOf(createWatched(lab));
      assert.deepEqual([code, /another session has changed the configuration/.test(message)], ["SG3010", true]);
    });
    assert.deepEqual(commands, []);
  });

  it("never removes an operation that another program started under the same number", async () => {
    lab = await CiscoLab.start("cisco-faults", false);
    startOtherBefore("configure terminal");
    const { message } = await failureOf(createWatched(lab));
    assert.match(message, /`ip sla 400` was refused: Entry already running/);
    assert.match(lab.running, /ip sla 400\n icmp-echo 10\.9\.9\.9\nip sla schedule 400/);
  });

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
