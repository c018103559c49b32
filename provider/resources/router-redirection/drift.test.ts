import assert from "node:assert/strict";
import { rulesOf } from "../../../tests/support/planned-rules";
import { LabRouter } from "./lab-router.test";
import { routerRedirection as resource } from "./operations";
import type { RouterRedirectionKnown, RouterRedirectionState } from "./schema";

describe("RouterRedirection on a Linux router: drift after changes by hand", function () {
  this.timeout(30_000);
  let router: LabRouter;
  let inputs: RouterRedirectionKnown;
  let id = "";
  let state: RouterRedirectionState;

  before(async () => {
    router = await LabRouter.start("drift");
    inputs = await router.inputs();
  });
  after(async () => {
    await router.stop();
  });
  beforeEach(async () => {
    ({ id, state } = await resource.create(inputs, router.context()));
  });
  afterEach(async () => {
    await resource.delete(id, state, router.context());
    await router.assertClean();
  });

  const damages: [what: string, script: string, lines: { missing?: RegExp; added?: RegExp }][] = [
    ["a deleted classification rule", "iptables -t mangle -D SPS-R-rdp 1", { missing: /--dports 3389/ }],
    ["a deleted mark rule", "iptables -t mangle -D SPS-R-rdp 2", { missing: /-j MARK/ }],
    [
      "rules in the wrong order",
      "iptables-save -t mangle | grep 'A SPS-R-rdp.*CONNMARK' | sed 's/^/iptables -t mangle /' | sh && iptables -t mangle -D SPS-R-rdp 1",
      {},
    ],
    [
      "an added rule",
      "iptables -t mangle -I SPS-R-rdp -s 192.168.50.10 -j RETURN",
      { added: /-s 192\.168\.50\.10\/32 -j RETURN/ },
    ],
    ["a deleted jump", "iptables -t mangle -D PREROUTING 1", { missing: /-A PREROUTING/ }],
    ["a duplicate jump", "iptables -t mangle -A PREROUTING -j SPS-R-rdp", { added: /-A PREROUTING -j SPS-R-rdp/ }],
    [
      "a rule before the jump that ends processing",
      "iptables -t mangle -I PREROUTING -i rcli -j ACCEPT",
      { missing: /-A PREROUTING/, added: /never reached: behind -i rcli -j ACCEPT/ },
    ],
    [
      "a foreign chain before the jump that ends processing",
      `iptables -t mangle -N VPN; iptables -t mangle -A VPN -j ACCEPT; iptables -t mangle -I PREROUTING -j VPN
iptables -t mangle -I PREROUTING -m conntrack --ctstate INVALID -j DROP`,
      { missing: /-A PREROUTING/, added: /never reached: behind -j VPN/ },
    ],
    ["a deleted route", "ip route del default table 10302", { missing: /default via/ }],
    [
      "a replaced route",
      "ip route replace default via 10.0.0.5 table 10302",
      { missing: /default via 172/, added: /default via 10\.0\.0\.5 dev rsrv/ },
    ],
    [
      "a more specific route",
      "ip route add 10.0.0.5/32 dev rsrv via 10.0.0.6 table 10302",
      { added: /10\.0\.0\.5 via/ },
    ],
    ["a deleted unreachable route", "ip route del unreachable default table 10302", { missing: /unreachable/ }],
    ["a deleted policy rule", "ip rule del pref 10302", { missing: /^rule:/ }],
    [
      "a policy rule to another table",
      "ip rule del pref 10302 && ip rule add pref 10302 fwmark 0x2/0xff lookup main",
      { missing: /lookup 10302/, added: /lookup 254/ },
    ],
    ["a strict reverse-path check", "echo 1 >/proc/sys/net/ipv4/conf/rsps/rp_filter", { missing: /rp_filter/ }],
  ];
  for (const [what, script, { missing, added }] of damages) {
    it(`shows ${what} as drift, which the next update repairs`, async () => {
      await router.run(script);
      const found = await resource.read(id, state, router.context());
      assert.ok(found);
      const gone = rulesOf(inputs).filter((rule) => !found.state.rules.includes(rule));
      const extra = found.state.rules.filter((rule) => !rulesOf(inputs).includes(rule));
      if (missing) assert.match(gone.join("\n"), missing);
      else assert.deepEqual(gone, []);
      if (added) assert.match(extra.join("\n"), added);
      assert.deepEqual(found.inputs, inputs);
      assert.equal(resource.diff(id, found.state, inputs).length > 0, true);

      ({ state } = await resource.update(id, found.state, inputs, router.context()));
      assert.deepEqual(state.rules, rulesOf(inputs));
      assert.equal(await router.seenAs(), "sps");
      await router.run(
        "iptables -t mangle -D PREROUTING -i rcli -j ACCEPT 2>/dev/null; for rule in '-m conntrack --ctstate INVALID -j DROP' '-j VPN'; do iptables -t mangle -D PREROUTING $rule 2>/dev/null; done; iptables -t mangle -F VPN 2>/dev/null && iptables -t mangle -X VPN; echo 0 >/proc/sys/net/ipv4/conf/rsps/rp_filter; rm -rf /run/sps-redirect",
      );
    });
  }

  it("blocks traffic while the route to SPS is lost, shows the drift and repairs it", async () => {
    await router.network.setLink("rsps", "down");
    await router.network.setLink("rsps", "up");
    assert.equal(await router.seenAs(), "EHOSTUNREACH");
    const found = await resource.read(id, state, router.context());
    assert.deepEqual(
      rulesOf(inputs).filter((rule) => !found?.state.rules.includes(rule)),
      ["route: default via 172.16.9.2 dev rsps table 10302 proto 103"],
    );
    ({ state } = await resource.update(id, found?.state ?? state, inputs, router.context()));
    assert.equal(await router.seenAs(), "sps");
  });

  it("lets traffic go direct while the route to SPS is lost in fail mode open", async () => {
    const open = await router.inputsWith({ failMode: "open" });
    ({ state } = await resource.update(id, state, open, router.context()));
    assert.equal(await router.seenAs(), "sps");
    await router.network.setLink("rsps", "down");
    await router.network.setLink("rsps", "up");
    assert.equal(await router.seenAs(), "client");
  });

  it("finds no resource after a router restart and creates it again", async () => {
    await router.run(
      "iptables -t mangle -F; iptables -t mangle -X; ip rule del pref 10302; ip route flush table 10302",
    );
    assert.equal(await resource.read(id, state, router.context()), undefined);
    ({ id, state } = await resource.create(inputs, router.context()));
    assert.deepEqual(state.rules, rulesOf(inputs));
  });

  it("reports an error, not a missing resource, when the router is unreachable", async () => {
    await router.network.stopSshd();
    try {
      await assert.rejects(
        resource.read(id, state, router.context()),
        /^SafeguardError: router 127\.0\.0\.1:\d+: log in over SSH: .*\[SG3001\]$/,
      );
    } finally {
      await router.network.startSshd();
    }
  });
});
