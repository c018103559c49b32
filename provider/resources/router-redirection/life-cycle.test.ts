import assert from "node:assert/strict";
import { rulesOf } from "../../../tests/support/planned-rules";
import { LabRouter } from "./lab-router.test";
import { routerRedirection } from "./operations";

const RDP_RULES = [
  "route: default via 172.16.9.2 dev rsps table 10302 proto 103",
  "route: unreachable default metric 4294967295 table 10302 proto 103",
  "rp_filter: rsps not strict",
  "rule: pref 10302 fwmark 0x2/0xff lookup 10302 protocol 103",
  'mangle: -A SPS-R-rdp -d 10.0.0.0/24 -i rcli -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -m multiport --dports 3389 -m comment --comment "sps:rdp:client" -j CONNMARK --set-xmark 0x2/0xff',
  'mangle: -A SPS-R-rdp ! -i rsps -m connmark --mark 0x2/0xff -m comment --comment "sps:rdp:restore" -j MARK --set-xmark 0x2/0xff',
  'mangle: -A PREROUTING -m comment --comment "sps:rdp" -j SPS-R-rdp',
];

describe("RouterRedirection on a Linux router: life cycle", function () {
  this.timeout(30_000);
  let router: LabRouter;

  before(async () => {
    router = await LabRouter.start("life-cycle");
  });
  after(async () => {
    await router.stop();
  });

  it("makes these rules, and counts the packets that they select and divert", async () => {
    const context = router.context();
    const inputs = await router.inputs();
    assert.deepEqual(rulesOf(inputs), RDP_RULES);

    const { id, state } = await routerRedirection.create(inputs, context);
    assert.match(id, /^127\.0\.0\.1:\d+\/rdp$/);
    assert.deepEqual(state.rules, RDP_RULES);
    assert.match(state.linuxStatus?.backend ?? "", /^iptables-(nft|legacy)$/);
    assert.deepEqual(state.interfaces, [
      { name: "rcli", addresses: ["192.168.50.1/24"] },
      { name: "rsps", addresses: ["172.16.9.1/24"] },
    ]);
    assert.deepEqual(state.counters, [{ redirection: "rdp", selectedPackets: 0, divertedPackets: 0 }]);
    assert.equal(await router.seenAs(), "sps");

    const found = await routerRedirection.read(id, state, context);
    assert.equal(found?.state.counters[0]?.selectedPackets, 1);
    assert.ok((found?.state.counters[0]?.divertedPackets ?? 0) >= 2);

    await routerRedirection.delete(id, state, context);
    await router.assertClean();
  });
});
