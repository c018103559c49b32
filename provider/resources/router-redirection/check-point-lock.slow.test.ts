import assert from "node:assert/strict";
import { CheckPointLab } from "./check-point-lab.test";
import { failureOf } from "./cisco-lab.test";
import { routerRedirection as resource } from "./operations";

/** Seven rules, which are entered together. */
const MANY = { failMode: "open", serverCidrs: Array.from({ length: 7 }, (_, index) => `10.0.0.${index + 5}/32`) };

/** A rule of others with a priority that the change has planned for its own. */
const THEIRS = [
  "set pbr rule priority 1006 match to 10.9.0.0/16 interface eth1",
  "set pbr rule priority 1006 action main-table",
];

describe("RouterRedirection on a Check Point gateway: another session takes the lock", function () {
  this.timeout(120_000);
  let lab: CheckPointLab;

  before(async () => {
    lab = await CheckPointLab.start("gaia-lock", true);
  });
  afterEach(() => {
    lab.router.device.faultFor = () => undefined;
    lab.router.device.lockHolder = undefined;
  });
  after(async () => {
    await lab.stop();
  });

  /** Creates the redirection; just before a command, another session overrides the lock and enters a rule. */
  async function createWithout(pattern: RegExp, hasShell: boolean) {
    const { device } = lab.router;
    const { router, ...raw } = lab.raw();
    const connection = { ...(router as object), ...(hasShell && { expertPassword: device.expertPassword }) };
    const inputs = await lab.inputs({ ...raw, router: connection, redirections: [lab.redirection(MANY)] });
    const theirs = { user: "webadmin" };
    let entering: Promise<void> | undefined;
    device.faultFor = (command) => {
      if (entering || !pattern.test(command)) return undefined;
      device.lockHolder = theirs;
      entering = lab.enter(...THEIRS);
      return undefined;
    };
    const first = device.commands.length;
    const failure = await failureOf(resource.create(inputs, lab.context()));
    assert.ok(entering, "the lock was taken");
    await entering;
    return { ...failure, commands: device.commands.slice(first), isStillTheirs: device.lockHolder === theirs };
  }

  for (const hasShell of [true, false]) {
    const where = hasShell ? "with a timer on the gateway" : "without a shell";

    it(`changes nothing, and leaves it the lock, when that was before the first command (${where})`, async () => {
      const before = lab.running;
      const failure = await createWithout(/^set pbr table SPS/, hasShell);
      assert.deepEqual([failure.code, failure.isPartial, failure.isStillTheirs], ["SG3301", false, true]);
      assert.match(failure.message, /create PBR table .* was refused: CLINFR0519 +Configuration lock present/);
      assert.match(failure.message, /the router is as it was/);
      assert.deepEqual(
        failure.commands.filter((line) => /override|^set pbr rule| off$/.test(line) && !/config-lock/.test(line)),
        [],
      );
      await lab.enter("set pbr rule priority 1006 off");
      assert.equal(lab.running, before);
    });

    it(`undoes just what was entered, and keeps its rule, in the middle of many rules (${where})`, async () => {
      const before = lab.running;
      const failure = await createWithout(/priority 1004 match protocol/, hasShell);
      assert.deepEqual([failure.code, failure.isPartial], ["SG3301", false]);
      assert.match(
        failure.message,
        /add PBR rule 1004: .* was refused: CLINFR0519 .*\(CLINFR0771 +Config lock is owned by webadmin\); correct the cause and run pulumi up again; the router is as it was/,
      );
      const undone = failure.commands.flatMap((line) => /^set pbr rule priority (\d+) off$/.exec(line)?.[1] ?? []);
      assert.deepEqual(undone, ["1004", "1003", "1002", "1001", "1000"]);
      assert.match(lab.running, /^set pbr rule priority 1006 action main-table$/m);
      await lab.enter("set pbr rule priority 1006 off");
      assert.equal(lab.running, before);
    });
  }
});
