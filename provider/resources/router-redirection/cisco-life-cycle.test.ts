import assert from "node:assert/strict";
import { loadText } from "../../../lab/cisco-ios/load-text";
import { rulesOf } from "../../../tests/support/planned-rules";
import { ciscoIos } from "../../router/cisco-ios/platform";
import { CiscoLab } from "./cisco-lab.test";
import { routerRedirection as resource } from "./operations";

const RULES = [
  "ip access-list extended SPS-rdp-IN: permit tcp 192.168.50.0 0.0.0.255 10.0.0.0 0.0.0.255 eq 3389",
  "interface GigabitEthernet1: match ip address SPS-rdp-IN, set ip next-hop 172.16.9.2, set interface Null0",
];

describe("RouterRedirection on a Cisco router: life cycle", function () {
  this.timeout(60_000);
  let lab: CiscoLab;

  before(async () => {
    lab = await CiscoLab.start("cisco-life", true);
  });
  after(async () => {
    await lab.stop();
  });

  it("enters these commands, records what they made, counts packets and saves on request", async () => {
    const clean = lab.running;
    const inputs = await lab.inputs();
    assert.deepEqual(rulesOf(inputs, ciscoIos), RULES);

    let id = "";
    let state = {} as Awaited<ReturnType<typeof resource.create>>["state"];
    const commands = await lab.commandsDuring(async () => {
      ({ id, state } = await resource.create(inputs, lab.context()));
    });
    assert.deepEqual(commands, [
      "configure terminal revert timer 1",
      "ip access-list extended SPS-rdp-IN",
      `remark safeguard owner ${state.ownerId}`,
      "remark safeguard urn urn:pulumi:lab::tests::safeguard:RouterRedirection::router",
      "permit tcp 192.168.50.0 0.0.0.255 10.0.0.0 0.0.0.255 eq 3389",
      "exit",
      "route-map SPS-GigabitEthernet1 permit 10",
      "match ip address SPS-rdp-IN",
      "set ip next-hop 172.16.9.2",
      "set interface Null0",
      "exit",
      "interface GigabitEthernet1",
      "ip policy route-map SPS-GigabitEthernet1",
      "exit",
      "end",
      "configure confirm",
    ]);
    assert.match(id, /^127\.0\.0\.1:\d+\/rdp$/);
    assert.deepEqual(state.rules, RULES);
    assert.deepEqual(state.interfaces, [
      { name: "GigabitEthernet1", addresses: ["192.168.50.1/24"] },
      { name: "GigabitEthernet3", addresses: ["172.16.9.1/24"] },
    ]);
    assert.deepEqual(state.ciscoIosStatus, {
      hostname: "edge-1",
      protection: "revert-timer",
      routeMaps: [{ interface: "GigabitEthernet1", name: "SPS-GigabitEthernet1" }],
      accessLists: ["SPS-rdp-IN"],
      watches: [],
      bypassed: [],
    });
    assert.deepEqual([state.confirmedUnproven, state.confirmedTraffic], [[], []]);
    assert.equal(lab.startup, clean, "nothing is saved without persist");

    await lab.seenAs();
    const read = await resource.read(id, state, lab.context());
    assert.ok((read?.state.counters[0]?.selectedPackets ?? 0) >= 3);

    const more = await lab.inputsWith({ ports: [3389, 8080], failMode: "open" }, { persist: true });
    const updated = await resource.update(id, state, more, lab.context());
    assert.equal(lab.startup, lab.running);

    await resource.delete(id, updated.state, lab.context());
    assert.deepEqual([lab.running, lab.startup], [clean, clean]);
  });

  it("removes a redirection from the startup configuration too when others have saved it", async () => {
    const clean = lab.running;
    const { device } = lab.router;
    const { id, state } = await resource.create(await lab.inputs(), lab.context());
    device.save();
    await resource.delete(id, state, lab.context());
    assert.deepEqual([lab.running, lab.startup], [clean, clean]);
  });

  it("saves nothing with a removal while changes of others are not saved", async () => {
    const clean = lab.running;
    const { device } = lab.router;
    const { id, state } = await resource.create(await lab.inputs(), lab.context());
    device.save();
    const saved = lab.startup;
    await device.replaceRunning(
      loadText(device.running, "ip access-list extended other\npermit ip any any").configuration,
    );
    await resource.delete(id, state, lab.context());
    assert.equal(lab.startup, saved);
    assert.match(
      lab.log.of("warn").join("\n"),
      /: its startup configuration holds what was removed, and a reload brings it back; enter `write memory`/,
    );
    await device.replaceRunning(loadText(device.running, "no ip access-list extended other").configuration);
    assert.equal(lab.running, clean);
    device.save();
  });

  it("adopts what was typed by hand after the vendor's guide, without a direct connection in between", async () => {
    const { device } = lab.router;
    const clean = lab.running;
    const typed = [
      "ip access-list extended ssh-inbound",
      "permit tcp 192.168.50.0 0.0.0.255 10.0.0.0 0.0.0.255 eq 3389",
      "route-map ssh-in permit 10",
      "match ip address ssh-inbound",
      "set ip next-hop 172.16.9.2",
      "interface GigabitEthernet1",
      "ip policy route-map ssh-in",
    ];
    await device.replaceRunning(loadText(device.running, typed.join("\n")).configuration);
    assert.equal(await lab.seenAs(), "sps");
    const inputs = await lab.inputs({ adopt: true });
    const adopting = resource.create(inputs, lab.context());
    const seen = new Set<string>();
    let isDone = false;
    void adopting.finally(() => {
      isDone = true;
    });
    while (!isDone) seen.add(await lab.seenAs());
    const { id, state } = await adopting;
    assert.deepEqual([...seen], ["sps"]);
    assert.deepEqual(state.rules, RULES);
    assert.doesNotMatch(lab.running, /ssh-in/);
    await resource.delete(id, state, lab.context());
    assert.equal(lab.running, clean);
    assert.equal(await lab.seenAs(), "client");
  });
});
