import assert from "node:assert/strict";
import { CheckPointLab } from "./check-point-lab.test";
import { routerRedirection as resource } from "./operations";

/** Server networks with `failMode: "open"`, so one rule each. */
const NETWORKS = 400;

const MANY = {
  failMode: "open",
  serverCidrs: Array.from({ length: NETWORKS }, (_, index) => `10.${1 + (index >> 7)}.${(index & 127) * 2}.0/24`),
};

describe("RouterRedirection on a Check Point gateway: round trips", function () {
  this.timeout(60_000);
  let lab: CheckPointLab;

  beforeEach(async () => {
    lab = await CheckPointLab.start("gaia-trips", true);
    // The kernel would take most of the time, and no round trip.
    lab.router.device.effects.configurationChanged = async () => undefined;
  });
  afterEach(async () => {
    await lab.stop();
  });

  /** Pieces of input that the terminals of the gateway got during the work, which a client sends one after the other. */
  async function inputsDuring(work: () => Promise<unknown>): Promise<number> {
    const { device } = lab.router;
    const before = device.inputs;
    await work();
    return device.inputs - before;
  }

  for (const hasShell of [true, false])
    it(`are these for ${NETWORKS} networks (${hasShell ? "with a timer on the gateway" : "without a shell"})`, async () => {
      const { device } = lab.router;
      const { router } = lab.raw();
      const connection = { ...(router as object), ...(hasShell && { expertPassword: device.expertPassword }) };
      const inputs = await lab.inputsWith(MANY, { router: connection, commitConfirm: { windowSeconds: 60 } });
      const before = lab.running;
      let state = {} as Awaited<ReturnType<typeof resource.create>>["state"];
      const creation = await inputsDuring(async () => {
        ({ state } = await resource.create(inputs, lab.context()));
      });
      assert.equal(device.running.rules.length, NETWORKS + 1);
      const removal = await inputsDuring(() => resource.delete("", state, lab.context()));
      assert.equal(lab.running, before);
      assert.deepEqual(
        { creation, removal },
        hasShell ? { creation: 131, removal: 73 } : { creation: 93, removal: 34 },
      );
    });
});
