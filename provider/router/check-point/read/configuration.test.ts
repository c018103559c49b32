import assert from "node:assert/strict";
import { readConfiguration } from "./configuration";

describe("reading the configuration of a Check Point gateway", () => {
  it("reads interfaces in each spelling of masks, quotes and comments", () => {
    const { hostname, interfaces } = readConfiguration(
      [
        "#",
        "# Configuration of edge",
        "CLINFR0771  Config lock is owned by admin. Use the command 'lock database override' to acquire the lock.",
        "# Exported by admin on Mon Jan 5 10:00:00 2026",
        "set hostname edge",
        "set interface eth0 state on",
        'set interface eth0 comments "set pbr rule priority 1 match port 1"',
        "set interface eth0 ipv4-address 10.1.0.1 mask-length 24",
        "add interface eth0 alias 10.1.0.9/24",
        "set interface eth2 state off",
        "set interface eth2 ipv4-address 192.168.100.1 subnet-mask 255.255.128.0",
        "set interface eth2 ipv6-address 2001:db8::1 mask-length 64",
        "set interface lo comments unquoted",
      ].join("\r\n"),
    );
    assert.equal(hostname, "edge");
    assert.deepEqual(interfaces, [
      { name: "eth0", addresses: ["10.1.0.1/24", "10.1.0.9/24"], isOn: true, hasIpv6: false },
      { name: "eth2", addresses: ["192.168.100.1/17"], isOn: false, hasIpv6: true },
      { name: "lo", addresses: [], isOn: true, hasIpv6: false },
    ]);
  });

  it("reads rules in one line or several, and keeps what it does not understand", () => {
    const grouped = [
      "set pbr rule priority 100 match from 10.0.0.0/8 to 10.9.0.0/16 interface eth0",
      "set pbr rule priority 100 match protocol 6",
      "set pbr rule priority 100 match port 443",
      "set pbr rule priority 100 action table WAN",
    ];
    const single = [
      "set pbr rule priority 100 match from 10.0.0.0/8 to 10.9.0.0/16 interface eth0 protocol tcp port 443",
      "set pbr rule priority 100 action table WAN",
    ];
    for (const lines of [grouped, single]) {
      const [rule] = readConfiguration(lines.join("\n")).rules;
      assert.deepEqual(rule, {
        priority: 100,
        match: { from: "10.0.0.0/8", to: "10.9.0.0/16", interface: "eth0", protocol: "tcp", port: "443", others: [] },
        action: "table WAN",
        lines,
      });
    }
    const [other] = readConfiguration("set pbr rule priority 7 match service-group web").rules;
    assert.deepEqual([other?.match.others, other?.action], [["service-group web"], undefined]);
  });

  it("reads tables with several routes and next hops", () => {
    const lines = [
      "set pbr table WAN static-route default nexthop gateway address 192.0.2.1 on",
      "set pbr table WAN static-route 10.9.0.0/16 nexthop blackhole",
      "set pbr table WAN static-route 10.9.0.0/16 comment x",
    ];
    assert.deepEqual(readConfiguration(lines.join("\n")).tables.get("WAN"), {
      name: "WAN",
      routes: [
        { destination: "default", nextHop: "gateway address 192.0.2.1 on" },
        { destination: "10.9.0.0/16", nextHop: "blackhole" },
        { destination: "10.9.0.0/16", nextHop: "comment x" },
      ],
      lines,
    });
  });
});
