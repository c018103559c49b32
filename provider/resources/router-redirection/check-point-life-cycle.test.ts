import assert from "node:assert/strict";
import { rulesOf } from "../../../tests/support/planned-rules";
import { checkPoint } from "../../router/check-point/platform";
import type { RouterPlatform } from "../../router/platform";
import { CheckPointLab } from "./check-point-lab.test";
import { routerRedirection as resource } from "./operations";
import type { RouterRedirectionChecked } from "./schema";

const RULES = [
  "rdp: from 192.168.50.0/24 to 10.0.0.0/24 on interface eth1, tcp 3389: gateway 172.16.9.2, rejected without it",
];

const planned = (inputs: RouterRedirectionChecked) => rulesOf(inputs, checkPoint as unknown as RouterPlatform);

describe("RouterRedirection on a Check Point gateway: life cycle", function () {
  this.timeout(60_000);
  let lab: CheckPointLab;

  before(async () => {
    lab = await CheckPointLab.start("gaia-life", false);
  });
  after(async () => {
    await lab.stop();
  });

  it("enters these commands, records what they made, saves on request, and loses it at a reboot otherwise", async () => {
    const clean = lab.running;
    const inputs = await lab.inputs();
    assert.deepEqual(planned(inputs), RULES);

    let id = "";
    let state = {} as Awaited<ReturnType<typeof resource.create>>["state"];
    const commands = await lab.commandsDuring(async () => {
      ({ id, state } = await resource.create(inputs, lab.context()));
    });
    const [hop = "", stop = ""] = lab.router.device.running.tables.slice(1).map(({ name }) => name);
    assert.match(hop, new RegExp(`^SPSrdpO${state.ownerId}U[0-9a-f]{16}N1$`));
    assert.equal(stop, `${hop}C`);
    assert.deepEqual(commands, [
      `set pbr table ${hop} static-route default nexthop gateway address 172.16.9.2 on`,
      `set pbr table ${stop} static-route default nexthop reject`,
      "set pbr rule priority 1000 match from 192.168.50.0/24 to 10.0.0.0/24 interface eth1",
      "set pbr rule priority 1000 match protocol tcp",
      "set pbr rule priority 1000 match port 3389",
      `set pbr rule priority 1000 action table ${hop}`,
      "set pbr rule priority 1500 match from 192.168.50.0/24 to 10.0.0.0/24 interface eth1",
      "set pbr rule priority 1500 match protocol tcp",
      "set pbr rule priority 1500 match port 3389",
      `set pbr rule priority 1500 action table ${stop}`,
    ]);
    assert.equal(lab.router.device.lockHolder, undefined, "other sessions can change the configuration");
    assert.match(id, /^127\.0\.0\.1:\d+\/rdp$/);
    assert.deepEqual(state.rules, RULES);
    assert.deepEqual(state.interfaces, [
      { name: "eth1", addresses: ["192.168.50.1/24"] },
      { name: "eth3", addresses: ["172.16.9.1/24"] },
    ]);
    assert.deepEqual(state.checkPointStatus, {
      hostname: "gw-1",
      version: "R81.20",
      isClusterMember: false,
      rules: [
        { redirection: "rdp", priority: 1000, table: hop },
        { redirection: "rdp", priority: 1500, table: stop },
      ],
    });
    assert.deepEqual([state.confirmedUnproven, state.confirmedTraffic, state.counters], [[], [], []]);
    assert.equal(lab.saved, clean, "nothing is saved without persist");

    await lab.router.device.reboot();
    assert.equal(lab.running, clean);
    assert.equal(await resource.read(id, state, lab.context()), undefined);

    const more = await lab.inputsWith(
      { ports: [3389, 8080], serverCidrs: ["10.0.0.5/32", "10.0.0.6/32"] },
      { persist: true },
    );
    const updated = await resource.update(id, state, more, lab.context());
    assert.equal(lab.saved, lab.running);

    await resource.delete(id, updated.state, lab.context());
    assert.deepEqual([lab.running, lab.saved], [clean, clean]);
  });
});
