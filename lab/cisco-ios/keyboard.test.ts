import assert from "node:assert/strict";
import type { TerminalClient } from "../command-line/terminal-client.test";
import { CiscoRouter } from "./lab-router";
import { commandLineOf, openTerminal } from "./terminal-client.test";

describe("what engineers type on the emulated Cisco router", () => {
  let router: CiscoRouter;
  let terminal: TerminalClient;
  const { show, configure } = commandLineOf(() => terminal);

  beforeEach(async () => {
    router = await CiscoRouter.start(undefined);
    terminal = await openTerminal(router);
    await terminal.type("terminal length 0");
  });
  afterEach(async () => {
    terminal.close();
    await router.stop();
  });

  it("completes a word by the tab key on a new line, and lists what a word begins", async () => {
    assert.match(await terminal.type("sh\tclo\t"), /^sh\nedge-1#show clo\nedge-1#show clock \n\*10:00:00/);
    assert.match(await terminal.key("sho?", /edge-1#sho$/), /^sho\?\nshow\n\nedge-1#sho$/);
    await terminal.key("w clock\r", /\nedge-1#$/);
    assert.match(await terminal.key("show ip cef ?", /edge-1#show ip cef $/), /\n {2}<cr>\n {2}<ipv4>\n/);
  });

  it("changes every interface of a range, and sets one to its defaults", async () => {
    assert.deepEqual(await configure("interface range gi1 - 2 , gi4", "description many", "ip mtu 1400"), []);
    const { interfaces } = router.device.running;
    assert.deepEqual(
      interfaces.map(({ description, others }) => [description, others.includes("ip mtu 1400")]),
      [
        ["many", true],
        ["many", true],
        ["to sps", false],
        ["many", true],
      ],
    );
    assert.deepEqual(await configure("interface range gi1 - 7"), ["% Invalid input detected at '^' marker."]);
    assert.deepEqual(await configure("default interface gi4"), [
      "Interface GigabitEthernet4 set to default configuration",
    ]);
    assert.equal(
      await show("show running-config | section GigabitEthernet4"),
      "interface GigabitEthernet4\n no ip address\n negotiation auto",
    );
  });

  it("refuses addresses that no interface can have", async () => {
    assert.deepEqual(
      await configure(
        "interface gi1",
        "ip address 10.0.0.9 255.255.255.0",
        "ip address 10.5.0.0 255.255.0.0",
        "ip address 10.5.255.255 255.255.0.0",
        "ip address 10.5.5.5 255.0.255.0",
        "ip address 10.5.5.5 255.255.255.255",
        "ip address 224.1.1.1 255.255.0.0",
        "ip address 172.16.9.9 255.255.255.128 secondary",
      ),
      [
        "% 10.0.0.0 overlaps with GigabitEthernet2",
        "Bad mask /16 for address 10.5.0.0",
        "Bad mask /16 for address 10.5.255.255",
        "Bad mask 0xFF00FF00 for address 10.5.5.5",
        "Bad mask /32 for address 10.5.5.5",
        "Not a valid host address - 224.1.1.1",
        "% 172.16.9.0 overlaps with GigabitEthernet3",
      ],
    );
    assert.deepEqual(router.device.running.interfaces[0]?.address?.address, "192.168.50.1");
  });

  it("reads a banner of several lines, and shows it at the next login", async () => {
    await terminal.type("configure terminal");
    await terminal.type("banner motd @ Authorised", /\nEnter TEXT message\. {2}End with the character '@'\.\n$/);
    assert.match(await terminal.type("users only@"), /\nedge-1\(config\)#$/);
    await terminal.type("banner exec #Welcome#");
    await terminal.type("end");
    assert.equal(
      await show("show running-config | section banner|^users"),
      "banner exec ^CWelcome^C\nbanner motd ^C Authorised\nusers only^C",
    );
    const other = await openTerminal(router);
    assert.match(other.shown, /^ Authorised\nusers only\nWelcome\nedge-1#$/);
    other.close();
    await terminal.type("copy running-config bootflash:saved", /\? $/);
    await terminal.type("");
    await configure("no banner motd", "no banner exec");
    assert.deepEqual(router.device.running.banners, {});
    assert.match(await terminal.type("configure replace bootflash:saved force"), /\nRollback Done\n/);
    assert.deepEqual(router.device.running.banners, { motd: " Authorised\nusers only", exec: "Welcome" });
  });

  it("keeps VRFs with their address families, and shows them with their interfaces", async () => {
    assert.deepEqual(
      await configure(
        "vrf definition RED",
        "rd 1:1",
        "address-family ipv4",
        "route-target export 1:1",
        "route-target import 2:2",
        "exit-address-family",
        "interface gi4",
        "vrf forwarding RED",
        "ip address 172.31.255.1 255.255.255.0",
      ),
      ["% Interface GigabitEthernet4 IPv4 disabled and address(es) removed due to enabling VRF RED"],
    );
    assert.equal(
      await show("show running-config | section vrf definition"),
      "vrf definition RED\n rd 1:1\n !\n address-family ipv4\n  route-target export 1:1\n  route-target import 2:2\n exit-address-family",
    );
    assert.equal(
      await show("show vrf"),
      `  Name                             Default RD            Protocols   Interfaces
  RED                              1:1                   ipv4        Gi4`,
    );
    const detail = await show("show vrf detail RED");
    assert.match(detail, /^VRF RED \(VRF Id = 1\); default RD 1:1; .*\n(.*\n)* {2}Interfaces:\n {4}Gi4 *\n/);
    assert.match(
      detail,
      /\n {2}Import VPN route-target communities\n {4}RT:2:2 *\n(.*\n)*Address family ipv6 unicast not active$/,
    );
    assert.match(await show("ping vrf RED 172.31.255.2 repeat 1"), /Success rate is 100 percent/);
    assert.match(await show("ping vrf RED 10.0.0.5 repeat 1"), /Success rate is 0 percent/);
    assert.equal(await show("ping vrf BLUE 10.0.0.5"), "% VRF BLUE does not exist");
    assert.equal(await show("show vrf BLUE"), "% No VRF named BLUE");
  });

  it("numbers entries of prefix lists in steps of five, and refuses ranges that hold nothing", async () => {
    assert.deepEqual(
      await configure(
        "ip prefix-list P permit 10.1.2.3/8 le 24",
        "ip prefix-list P seq 7 deny 0.0.0.0/0 ge 25",
        "ip prefix-list P permit 10.2.0.0/16",
        "ip prefix-list P description nets",
        "ip prefix-list P permit 10.2.0.0/16 le 8",
        "no ip prefix-list P permit 10.9.0.0/16",
      ),
      [
        "% Invalid prefix range for 10.2.0.0/16, make sure: len < ge-value <= le-value",
        "% Can't find entry for prefix list P",
      ],
    );
    assert.equal(
      await show("show ip prefix-list P"),
      "ip prefix-list P: 3 entries\n   seq 5 permit 10.0.0.0/8 le 24\n   seq 7 deny 0.0.0.0/0 ge 25\n   seq 10 permit 10.2.0.0/16",
    );
    await configure("no ip prefix-list P seq 7");
    assert.match(await show("show running-config | include prefix"), /description nets\n.* seq 5 .*\n.* seq 10 .*$/);
    await configure("no ip prefix-list P");
    assert.equal(await show("show ip prefix-list P"), "% Can't find IP prefix list P");
  });

  it("prints what it forwards, and how many routes there are", async () => {
    await configure("ip route 0.0.0.0 0.0.0.0 172.16.9.2");
    const table = await show("show ip cef");
    assert.match(table, /^Prefix {15}Next Hop {13}Interface\n0\.0\.0\.0\/0 {12}172\.16\.9\.2 {11}GigabitEthernet3\n/);
    assert.match(
      table,
      /\n10\.0\.0\.0\/24 {10}attached {13}GigabitEthernet2\n10\.0\.0\.0\/32 {10}receive {14}GigabitEthernet2\n/,
    );
    assert.match(
      await show("show ip route summary"),
      /\nconnected {7}1 {11}7 {11}0 .*\nstatic {10}1 {11}0 {11}0 {11}96 {10}312\n/,
    );
    assert.equal(await show("show ip cef 10.0.0.1"), "10.0.0.1/32\n  receive for GigabitEthernet2");
  });

  it("takes time ranges, an interface as source of a ping, and questions before counters clear", async () => {
    assert.deepEqual(
      await configure("time-range WORK", "periodic weekdays 8:00 to 18:00", "periodic someday 8:00 to 18:00"),
      ["% Invalid input detected at '^' marker."],
    );
    assert.equal(
      await show("show time-range"),
      "time-range entry: WORK (inactive)\n   periodic weekdays 8:00 to 18:00",
    );
    assert.match(
      await show("ping 10.0.0.5 source gi2 repeat 1"),
      /\nPacket sent with a source address of 10\.0\.0\.1 \n/,
    );
    assert.match(await show("ping 10.0.0.5 source 10.9.9.9"), /^% Invalid source address- /);
    assert.match(
      await terminal.type("clear counters", /\[confirm\]$/),
      /\nClear "show interface" counters on all interfaces \[confirm\]$/,
    );
    assert.match(await terminal.type(""), /edge-1#$/);
    await terminal.type("clear logging", /\[confirm\]$/);
    await terminal.type("");
    assert.match(await show("show logging"), /\nLog Buffer \(4096 bytes\):$/);
    assert.equal(await show("show cdp neighbors detail"), "% CDP is not enabled");
    assert.equal(await show("show ntp associations"), "%NTP is not enabled.");
    await configure("ntp server 10.0.0.5");
    assert.match(await show("show ntp associations"), /\n ~10\.0\.0\.5 {8}\.INIT\./);
  });

  it("adds values to a match of a route-map, and shows communities of SNMP as a device does", async () => {
    assert.deepEqual(
      await configure(
        "route-map M permit 10",
        "match tag 20",
        "match tag 10 20",
        "match source-protocol static",
        "match source-protocol connected",
        "no match source-protocol static",
        "exit",
        "snmp-server community public",
        "snmp-server community private rw 10",
        "snmp-server community public rw",
        "ip domain list a.example",
        "no ip domain list",
      ),
      [],
    );
    assert.equal(
      await show("show running-config | section route-map|snmp|domain"),
      `route-map M permit 10
 match tag 10 20
 match source-protocol connected
snmp-server community public RW
snmp-server community private RW 10`,
    );
  });
});
