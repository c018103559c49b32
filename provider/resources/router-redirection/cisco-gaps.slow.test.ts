import assert from "node:assert/strict";
import { loadText } from "../../../lab/cisco-ios/load-text";
import { rulesOf } from "../../../tests/support/planned-rules";
import { ciscoIos } from "../../router/cisco-ios/platform";
import { CiscoLab } from "./cisco-lab.test";
import { routerRedirection as resource } from "./operations";
import { SPS_UPDATES, updateWhileConnecting } from "./platform-cases.test";
import { SECOND_SPS_ADDRESS } from "./platform-lab.test";
import type { RouterRedirectionState } from "./schema";

/** Each kind of update that leaves SPS and its interface as they are, one after the other. */
const UPDATES: [kind: string, redirection: Record<string, unknown>, more?: Record<string, unknown>][] = [
  ["another port", { ports: [3389, 8080] }],
  ["other servers", { ports: [3389, 8080], serverCidrs: ["10.0.0.4/30", "10.7.0.0/16"] }],
  ["any client", { clientCidrs: undefined }],
  ["another fail mode", { failMode: "open" }],
  ["a bypass", { failMode: "open" }, { bypass: "when-sps-silent", watchdog: { intervalSeconds: 5, missedProbes: 3 } }],
  ["other settings of the watchdog", { failMode: "open" }, { bypass: "when-sps-silent", watchdog: { port: 3389 } }],
  ["no bypass", {}, { ciscoIos: { trackSps: true } }],
  ["no watch", {}],
  ["another name", { name: "desktop" }],
  ["the configuration saved", { name: "desktop" }, { persist: true }],
];

describe("RouterRedirection on a Cisco router: connections during updates", function () {
  this.timeout(120_000);
  let lab: CiscoLab;

  before(async () => {
    lab = await CiscoLab.start("cisco-gaps", true, { secondMilliseconds: 200 });
    await lab.addSpsAddress();
  });
  after(async () => {
    await lab.stop();
  });

  it("lets no connection fail or go direct over each kind of update, in both spellings of the configuration", async () => {
    const { device } = lab.router;
    const clean = lab.running;
    let { id, state } = await resource.create(await lab.inputs(), lab.context());
    for (const [kind, redirection, more] of UPDATES) {
      device.spelling = device.spelling === "ios" ? "ios-xe" : "ios";
      const inputs = await lab.inputsWith(redirection, more);
      const before = lab.running;
      state = (await lab.whileConnecting(() => resource.update(id, state, inputs, lab.context()))).state;
      assert.deepEqual(state.rules, rulesOf(inputs, ciscoIos), kind);
      assert.equal(lab.running === before, kind === "the configuration saved", kind);
    }
    await resource.delete(id, state, lab.context());
    device.spelling = "ios-xe";
    assert.deepEqual([lab.running, lab.startup], [clean, clean]);
  });

  for (const trackSps of [false, true])
    it(`lets none fail or go direct when the address of SPS or whose address it uses changes${trackSps ? ", while SPS is watched" : ""}`, async () => {
      const { device } = lab.router;
      const clean = lab.running;
      const more = { ciscoIos: { trackSps } };
      let { id, state } = await resource.create(await lab.inputs(more), lab.context());
      for (const kind of SPS_UPDATES) {
        device.spelling = device.spelling === "ios" ? "ios-xe" : "ios";
        const to = typeof kind.to === "function" ? kind.to({ serverInterface: "GigabitEthernet2" }) : kind.to;
        const inputs = await lab.inputsWith(to, more);
        const update = () => resource.update(id, state, inputs, lab.context());
        state = (await updateWhileConnecting(lab, kind, update)).state;
        assert.deepEqual(state.rules, rulesOf(inputs, ciscoIos), kind.title);
        const hops = ["172.16.9.2", SECOND_SPS_ADDRESS].filter((hop) =>
          new RegExp(`set ip next-hop (verify-availability )?${hop}`).test(lab.running),
        );
        assert.deepEqual(hops, [inputs.redirections[0]?.spsAddress], kind.title);
      }
      await resource.delete(id, state, lab.context());
      device.spelling = "ios-xe";
      assert.equal(lab.running, clean);
    });

  it("says in previews which connections an update breaks, because SPS takes part in it", async () => {
    const clientMode = { addressMode: "client", serverInterfaces: ["GigabitEthernet2"] };
    const warningsOf = async (from: Record<string, unknown>, to: Record<string, unknown>) => {
      // The router itself is not among the servers, which would be another warning.
      const serverCidrs = ["10.0.0.5/32"];
      const olds = await lab.inputsWith({ serverCidrs, ...from });
      const { id, state } = await resource.create(olds, lab.context());
      const { notes } = await resource.preview(
        { inputs: olds, state },
        await lab.inputsWith({ serverCidrs, ...to }, { preview: "always" }),
        lab.context(),
      );
      await resource.delete(id, state, lab.context());
      const warnings = notes.filter(({ severity }) => severity === "warning");
      return warnings.map(({ text }) => text.replace(/^router \S+: redirection rdp: /, ""));
    };
    const end = "connections through SPS 172.16.9.2 end, unless 172.16.9.3 is an address of the same SPS";
    const order = (mode: string, first: string, then: string) =>
      `addressMode changes to ${mode}: ${first}, then ${then}; in the other order, connections fail in between`;
    assert.deepEqual(await warningsOf({}, { spsAddress: SECOND_SPS_ADDRESS }), [end]);
    assert.deepEqual(await warningsOf({}, clientMode), [
      order("client", "run this update first", "let SPS use the addresses of clients"),
    ]);
    assert.deepEqual(await warningsOf(clientMode, {}), [
      order("own", "let SPS use its own address first", "run this update"),
    ]);
    assert.deepEqual(await warningsOf(clientMode, { ...clientMode, spsAddress: SECOND_SPS_ADDRESS }), [
      end,
      "new connections may fail for a moment, while answers of servers still go to 172.16.9.2, unless 172.16.9.3 is an address of the same SPS",
    ]);
    assert.deepEqual(await warningsOf({}, { ports: [3389, 8080] }), []);
  });

  it("breaks connections when SPS uses the addresses of clients before the router sends it their answers", async () => {
    const { id, state } = await resource.create(await lab.inputs(), lab.context());
    await lab.network?.setAddressMode("client");
    assert.notEqual(await lab.seenAs(3389, 0.3), "client");
    const inputs = await lab.inputsWith({ addressMode: "client", serverInterfaces: ["GigabitEthernet2"] });
    const updated = await resource.update(id, state, inputs, lab.context());
    assert.equal(await lab.seenAs(), "client");
    await lab.network?.setAddressMode("own");
    await resource.delete(id, updated.state, lab.context());
  });

  it("lets none fail while another resource adds, and removes, a redirection on the same interface", async () => {
    const clean = lab.running;
    const first = await resource.create(await lab.inputs(), lab.context("first"));
    const web = await lab.inputsWith({ name: "web", ports: [8080] });
    const second = await lab.whileConnecting(() => resource.create(web, lab.context("second")));
    await lab.whileConnecting(() => resource.delete(second.id, second.state, lab.context("second")));
    const adopting = await lab.inputs({ adopt: true });
    const third = await lab.whileConnecting(() => resource.create(adopting, lab.context("third")));
    await lab.whileConnecting(() => resource.delete(first.id, first.state, lab.context("first")));
    await resource.delete(third.id, third.state, lab.context("third"));
    assert.equal(lab.running, clean);
  });

  it("extends a route-map of others without a gap, and leaves it byte for byte as it was", async () => {
    const { device } = lab.router;
    const typed = `ip access-list extended THEIRS
 permit tcp any any eq 7
route-map THEIRS permit 10
 match ip address THEIRS
 set ip next-hop 10.0.0.5
ip access-list extended LATER
 permit tcp any any eq 8080
route-map THEIRS permit 900
 match ip address LATER
 set ip next-hop 172.16.9.2
interface GigabitEthernet1
 ip policy route-map THEIRS`;
    const untouched = device.running;
    await device.replaceRunning(loadText(device.running, typed).configuration);
    const before = lab.running;
    const extend = { ciscoIos: { extend: { firstSequence: 100, lastSequence: 199 } } };
    const inputs = await lab.inputs(extend);
    const { id, state: created } = await resource.create(inputs, lab.context());
    let state: RouterRedirectionState = created;
    assert.deepEqual(state.rules, rulesOf(inputs, ciscoIos));
    assert.deepEqual(state.ciscoIosStatus?.routeMaps, [{ interface: "GigabitEthernet1", name: "THEIRS" }]);
    assert.match(lab.running, /route-map THEIRS permit 100\n match ip address SPS-rdp-IN\n/);
    assert.deepEqual([await lab.seenAs(3389), await lab.seenAs(8080)], ["sps", "sps"]);
    const moved = { ciscoIos: { extend: { firstSequence: 20, lastSequence: 29 } } };
    // Port 8080 belongs to the sequence after the range.
    const updates = [
      [[3389, 3390], extend, 3389],
      [[3389], moved, 3389],
      [[3389, 4000], extend, 8080],
    ] as const;
    for (const [ports, range, port] of updates) {
      const next = await lab.inputsWith({ ports }, range);
      state = (await lab.whileConnecting(() => resource.update(id, state, next, lab.context()), port)).state;
    }
    assert.deepEqual(lab.running.match(/route-map THEIRS permit \d+/g), [
      "route-map THEIRS permit 10",
      "route-map THEIRS permit 100",
      "route-map THEIRS permit 900",
    ]);
    await resource.delete(id, state, lab.context());
    assert.equal(lab.running, before);
    await device.replaceRunning(untouched);
  });
});
