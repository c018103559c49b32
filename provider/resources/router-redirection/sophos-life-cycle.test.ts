import assert from "node:assert/strict";
import { rulesOf } from "../../../tests/support/planned-rules";
import type { RouterPlatform } from "../../router/platform";
import { sophosUtm } from "../../router/sophos-utm/platform";
import { routerRedirection as resource } from "./operations";
import type { RouterRedirectionChecked } from "./schema";
import { SophosLab } from "./sophos-lab.test";

const RULES = [
  "rdp: policy route on interface Internal: from 192.168.50.0/24 to 10.0.0.0/24, tcp 3389, gateway 172.16.9.2",
];

const planned = (inputs: RouterRedirectionChecked) => rulesOf(inputs, sophosUtm as unknown as RouterPlatform);

describe("RouterRedirection on a Sophos UTM: life cycle", function () {
  this.timeout(60_000);
  let lab: SophosLab;

  before(async () => {
    lab = await SophosLab.start("sophos-life", false);
  });
  after(async () => {
    await lab.stop();
  });

  it("sends these requests, records what they made, groups networks and ports, and closes its sessions", async () => {
    const clean = lab.configuration;
    const inputs = await lab.inputs();
    assert.deepEqual(planned(inputs), RULES);

    let id = "";
    let state = {} as Awaited<ReturnType<typeof resource.create>>["state"];
    const changes = await lab.changesDuring(async () => {
      ({ id, state } = await resource.create(inputs, lab.context()));
    });
    assert.deepEqual(changes, [
      "POST network/network sps:rdp:net:192.168.50.0/24",
      "POST network/network sps:rdp:net:10.0.0.0/24",
      "POST service/tcp sps:rdp:tcp:3389",
      "POST network/host sps:rdp:gateway:172.16.9.2",
      "POST route/policy sps:rdp:in:Internal",
      "PATCH route/policy on",
    ]);
    const { device } = lab.router;
    const comment = `safeguard owner ${state.ownerId} urn:pulumi:lab::tests::safeguard:RouterRedirection::router`;
    const route = lab.own().get("sps:rdp:in:Internal");
    assert.deepEqual([route?.status, route?.comment, route?.interface], [true, comment, "REF_IntEthInternal"]);
    assert.deepEqual(device.configuration.node("routes.policy"), [route?._ref, "REF_RouPolWebToProxy"]);
    assert.equal(device.isSessionOpen, false, "the last request closes the session");
    assert.match(id, /^127\.0\.0\.1:\d+\/rdp$/);
    assert.deepEqual(state.rules, RULES);
    assert.deepEqual(state.interfaces, [
      { name: "Internal", addresses: ["192.168.50.1/24"] },
      { name: "SPS", addresses: ["172.16.9.1/24"] },
    ]);
    assert.deepEqual(state.sophosUtmStatus, {
      version: "9.723-10",
      policyRoutes: [{ name: "sps:rdp:in:Internal", reference: route?._ref, position: 1 }],
      definitions: [
        "sps:rdp:gateway:172.16.9.2",
        "sps:rdp:net:192.168.50.0/24",
        "sps:rdp:net:10.0.0.0/24",
        "sps:rdp:tcp:3389",
      ],
    });
    assert.deepEqual(state.confirmedUnproven, ["SPS 172.16.9.2: the API of the router has no probe"]);
    assert.deepEqual([state.confirmedTraffic, state.counters], [[], []]);

    const more = await lab.inputsWith({ ports: [3389, 8080], serverCidrs: ["10.0.0.5/32", "10.0.0.6/32"] });
    const updated = await resource.update(id, state, more, lab.context());
    assert.deepEqual(updated.state.rules, planned(more));
    assert.deepEqual(
      [...lab.own().keys()].filter((name) => !name.includes(":tcp:") && !name.includes(":net:")).sort(),
      ["sps:rdp:gateway:172.16.9.2", "sps:rdp:in:Internal:2", "sps:rdp:ports", "sps:rdp:servers"],
    );

    await resource.delete(id, updated.state, lab.context());
    assert.deepEqual(lab.configuration, clean);
    assert.equal(device.isSessionOpen, false);
  });

  it("redirects the answers of servers where they arrive, so that clients keep their addresses", async () => {
    const inputs = await lab.inputsWith({ addressMode: "client", serverInterfaces: ["address:10.0.0.1"] });
    assert.equal(
      planned(inputs)[1],
      "rdp: policy route on interface address:10.0.0.1: from 10.0.0.0/24 to 192.168.50.0/24, tcp source 3389, gateway 172.16.9.2",
    );
  });
});
