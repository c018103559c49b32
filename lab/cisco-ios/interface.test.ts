import assert from "node:assert/strict";
import type { TerminalClient } from "../command-line/terminal-client.test";
import { CiscoRouter } from "./lab-router";
import { commandLineOf, openTerminal } from "./terminal-client.test";

describe("interfaces of the emulated Cisco router", () => {
  let router: CiscoRouter;
  let terminal: TerminalClient;
  const { show, configure: answers } = commandLineOf(() => terminal);
  const block = async (name: string) => {
    const text = await show(`show running-config interface ${name}`);
    return text.split("\n").slice(4, -1);
  };

  beforeEach(async () => {
    router = await CiscoRouter.start(undefined);
    terminal = await openTerminal(router);
    await terminal.type("terminal length 0");
  });
  afterEach(async () => {
    terminal.close();
    await router.stop();
  });

  it("has secondary addresses, which have to go before the primary one", async () => {
    const second = "ip address 10.0.1.1 255.255.255.128 secondary";
    assert.deepEqual(await answers("interface gi2", second, "no ip address 10.0.0.1 255.255.255.0"), [
      "Must delete secondary before deleting primary",
    ]);
    assert.deepEqual(await block("gi2"), [
      "interface GigabitEthernet2",
      " description to server",
      ` ${second}`,
      " ip address 10.0.0.1 255.255.255.0",
      " negotiation auto",
    ]);
    assert.deepEqual(await answers("interface gi2", `no ${second}`, "no ip address 10.0.0.1 255.255.255.0"), []);
    assert.deepEqual((await block("gi2")).slice(2, 3), [" no ip address"]);
  });

  it("moves to a VRF that exists, and loses its addresses by it", async () => {
    assert.deepEqual(
      await answers(
        "interface gi4",
        "vrf forwarding MGMT",
        "vrf definition MGMT",
        "rd 65000:1",
        "address-family ipv4",
        "exit-address-family",
        "interface gi4",
        "vrf forwarding MGMT",
        "ip address 172.31.255.1 255.255.255.0",
      ),
      [
        "% VRF MGMT not configured.",
        "% Interface GigabitEthernet4 IPv4 disabled and address(es) removed due to enabling VRF MGMT",
      ],
    );
    assert.equal(
      await show("show running-config | section ^vrf"),
      "vrf definition MGMT\n rd 65000:1\n !\n address-family ipv4\n exit-address-family",
    );
    assert.deepEqual((await block("gi4")).slice(2, 4), [
      " vrf forwarding MGMT",
      " ip address 172.31.255.1 255.255.255.0",
    ]);
    await answers("no vrf definition MGMT");
    assert.deepEqual((await block("gi4")).slice(2, 3), [" no ip address"]);
  });

  it("keeps functions that change, filter or divert packets, and shows the check of sources", async () => {
    const lines = [
      "ip verify unicast source reachable-via rx allow-default",
      "standby 1 ip 192.168.50.254",
      "standby 1 priority 110",
      "zone-member security INSIDE",
      "ip inspect FW in",
      "ip wccp 61 redirect in",
      "ip access-group 101 in",
      "channel-group 1 mode active",
      "ipv6 enable",
    ];
    assert.deepEqual(await answers("interface gi1", "zone-member security INSIDE"), ["%Zone INSIDE does not exist"]);
    assert.deepEqual(await answers("zone security INSIDE", "exit", "interface gi1", ...lines), []);
    const shown = await block("gi1");
    for (const line of lines) assert.ok(shown.includes(` ${line}`), line);
    assert.match(await show("show ip interface gi1"), /\n {2}IP verify source reachable-via RX, allow default$/);
    await answers("interface gi1", "ip verify unicast reverse-path");
    assert.ok((await block("gi1")).includes(" ip verify unicast reverse-path"));
    await answers("interface gi1", ...lines.map((line) => `no ${line}`), "no ip verify unicast reverse-path");
    assert.deepEqual((await block("gi1")).length, 4);
  });

  it("becomes the port of a switch without an address", async () => {
    assert.deepEqual(await answers("interface gi1", "switchport", "switchport mode access"), []);
    assert.deepEqual((await block("gi1")).slice(2, 5), [" no ip address", " switchport", " switchport mode access"]);
    await answers("interface gi1", "no switchport");
    assert.deepEqual((await block("gi1")).slice(2), [" no ip address", " negotiation auto"]);
  });

  it("has IPv6 addresses in the spelling of devices", async () => {
    assert.equal(await show("show ipv6 interface"), "");
    const [refused] = await answers("interface gi1", "ipv6 address 2001:0db8:0:0::1/64", "ipv6 address 2001:db8::/129");
    assert.match(refused ?? "", /% Invalid input detected/);
    assert.ok((await block("gi1")).includes(" ipv6 address 2001:DB8::1/64"));
    assert.equal(
      await show("show ipv6 interface"),
      `GigabitEthernet1 is up, line protocol is up
  IPv6 is enabled, link-local address is FE80::5054:FF:FE00:1${" "}
  No Virtual link-local address(es):
  Global unicast address(es):
    2001:DB8::1, subnet is 2001:DB8::/64${" "}`,
    );
    assert.match(
      await show("show ipv6 interface brief"),
      /^GigabitEthernet1 {7}\[up\/up\]\n {4}FE80::5054:FF:FE00:1\n {4}2001:DB8::1\nGigabitEthernet2 {7}\[up\/up\]\n {4}unassigned\n/,
    );
    await answers("interface gi1", "no ipv6 address 2001:db8::1/64");
    assert.equal(await show("show ipv6 interface"), "");
  });
});
