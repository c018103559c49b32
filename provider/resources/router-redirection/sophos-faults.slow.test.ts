import assert from "node:assert/strict";
import type { Fault } from "../../../lab/sophos-utm/device";
import { failureOf } from "./cisco-lab.test";
import { routerRedirection as resource } from "./operations";
import type { RouterRedirectionState } from "./schema";
import { SophosLab } from "./sophos-lab.test";

/** A change of the router, from the state that it begins with. */
interface Change {
  /** Requests that change something before the confirmation, and those after it. */
  before: number;
  after: number;
  begin(lab: SophosLab): Promise<RouterRedirectionState | undefined>;
  make(lab: SophosLab, state: RouterRedirectionState | undefined): Promise<unknown>;
}

const create = async (lab: SophosLab) => (await resource.create(await lab.inputs(), lab.context())).state;

const CHANGES: Record<string, Change> = {
  creation: { before: 6, after: 0, begin: async () => undefined, make: create },
  update: {
    before: 5,
    after: 1,
    begin: create,
    make: async (lab, state) => {
      assert.ok(state);
      await resource.update("", state, await lab.inputsWith({ ports: [3389, 8080] }), lab.context());
    },
  },
  removal: {
    before: 1,
    after: 5,
    begin: create,
    make: async (lab, state) => {
      assert.ok(state);
      await resource.delete("", state, lab.context());
    },
  },
};

const FAULTS: Record<string, Fault> = {
  "connection cut before the request": "cut-before",
  "answer lost": "cut-after",
  "refused with 500": { status: 500 },
  "carried out and answered with 502": { status: 502, isCarriedOut: true },
};

describe("RouterRedirection on a Sophos UTM: a fault at every request", function () {
  this.timeout(120_000);
  let lab: SophosLab;

  afterEach(async () => {
    await lab.stop();
  });

  for (const [name, change] of Object.entries(CHANGES)) {
    for (const [title, fault] of Object.entries(FAULTS)) {
      it(`leaves the router as before the ${name} or as after it (${title})`, async () => {
        for (let position = 0; position < change.before + change.after; position += 1) {
          lab = await SophosLab.start("sophos-faults", false);
          const state = await change.begin(lab);
          const before = lab.configuration;
          lab.breakChange(position, fault);
          if (position < change.before) {
            const { code, isPartial, message } = await failureOf(change.make(lab, state));
            assert.deepEqual([code, isPartial], ["SG3301", false], `${position}: ${message}`);
            assert.deepEqual(lab.configuration, before);
            lab.router.device.faultFor = () => undefined;
          }
          const changes = await lab.changesDuring(() => change.make(lab, state));
          assert.ok(changes.length >= change.before + change.after, `${position}: ${changes.join(", ")}`);
          assert.equal(lab.own().size, { creation: 5, update: 7, removal: 0 }[name], `${position}`);
          assert.equal(lab.router.device.isSessionOpen, false);
          await lab.stop();
        }
      });
    }
  }

  it("says that the outcome is unknown when nothing reaches the router, and continues in the next run", async () => {
    lab = await SophosLab.start("sophos-faults", false);
    const { device } = lab.router;
    device.faultFor = (request) => {
      if (request.body.includes('"status":true')) device.isReachable = false;
      return undefined;
    };
    const lost = await failureOf(create(lab));
    assert.deepEqual([lost.code, lost.isPartial], ["SG3308", true]);
    device.isReachable = true;
    device.faultFor = () => undefined;
    const state = await create(lab);
    assert.equal(state.rules.length, 1);
    assert.equal(lab.own().size, 5);
  });
});
