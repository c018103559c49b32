import assert from "node:assert/strict";
import type { TerminalClient } from "../command-line/terminal-client.test";
import { answerTo, openClish } from "./clish-terminal.test";
import { CheckPointRouter } from "./lab-router";

describe("what administrators type on the emulated Clish", () => {
  let router: CheckPointRouter;
  let terminal: TerminalClient;

  const open = () => openClish(router);
  const answer = (line: string, of = terminal) => answerTo(of, line);

  beforeEach(async () => {
    router = await CheckPointRouter.start(undefined);
    terminal = await open();
  });

  afterEach(async () => {
    terminal.close();
    await router.stop();
  });

  it("applies a transaction at once or not at all", async () => {
    assert.equal(await answer("commit"), "CLINFR0329  Invalid command:'commit'.");
    await answer("start transaction");
    assert.equal(await answer("set interface eth1 mtu 1400"), "");
    assert.match(await answer("set interface eth9 mtu 1400"), /^CLINFR0329 /);
    assert.equal(await answer("set interface eth2 mtu 1300"), "");
    assert.equal(await answer("show interface eth1 mtu"), "mtu 1500");
    assert.equal(await answer("commit"), "");
    assert.equal(await answer("show interface eth1 mtu"), "mtu 1400");
    assert.equal(await answer("show interface eth2 mtu"), "mtu 1300");
    await answer("start transaction");
    await answer("set pbr table T static-route default nexthop gateway address 172.16.9.2 on");
    assert.equal(await answer("set pbr rule priority 100 action table T"), "");
    await answer("rollback");
    assert.doesNotMatch(await answer("show configuration pbr"), / T /);
  });

  it("saves a configuration to a file and loads it, up to the first refusal or through all", async () => {
    await answer("set static-route 10.9.0.0/16 nexthop gateway address 10.0.0.5 on");
    assert.equal(await answer("save configuration backup"), "");
    await answer("set static-route 10.9.0.0/16 off");
    assert.match(await answer("load configuration other"), /^CLINFR/);
    const saved = router.device.files.get("backup") ?? "";
    router.device.files.set("backup", `set interface eth9 mtu 1400\n${saved}`);
    await answer("load configuration backup");
    assert.equal(
      await answer("show configuration static-route"),
      'set static-route default nexthop gateway address 172.31.255.2 on\nset static-route default comment "way out"',
    );
    await answer("set clienv on-failure continue");
    await answer("load configuration backup");
    assert.match(
      await answer("show configuration static-route"),
      /\nset static-route 10\.9\.0\.0\/16 nexthop gateway address 10\.0\.0\.5 on/,
    );
  });

  it("loads every line of its own configuration without a refusal", async () => {
    await answer("add interface eth1 vlan 10");
    await answer("set ntp server primary 10.0.0.5 version 3");
    await answer("save configuration all");
    const before = await answer("show configuration");
    assert.equal(await answer("load configuration all"), "");
    const withoutDate = (text: string) => text.replace(/# Exported .*/, "");
    assert.equal(withoutDate(await answer("show configuration")), withoutDate(before));
    assert.match(await answer("set ntp active maybe"), /^CLINFR0409 /);
    await answer("delete ntp server 10.0.0.5");
    await answer("delete dns suffix");
    assert.doesNotMatch(await answer("show configuration"), /ntp server|dns suffix/);
  });

  it("keeps the settings of the session, and those that are saved for later ones", async () => {
    assert.match(
      await answer("show clienv all"),
      /^Config-lock on\nDebug 0\nEcho-cmd off\nOn-failure stop\nOutput pretty\nPrompt %M\nRows 1000\nSyntax-check off$/,
    );
    assert.match(await answer("set clienv on-failure sometimes"), /^CLINFR0329 /);
    await answer("set clienv on-failure continue");
    const other = await open();
    assert.equal(await answer("show clienv on-failure", other), "On-failure stop");
    other.close();
    await answer("save clienv");
    const later = await open();
    assert.equal(await answer("show clienv on-failure", later), "On-failure continue");
    later.close();
    assert.match(await terminal.type("set clienv prompt %M-%U", /gw-1-admin> $/), /gw-1-admin> $/);
  });

  it("looks routes up by destination and by prefix", async () => {
    const rows = async (line: string) => (await answer(line)).split("\n").slice(5);
    await answer("set static-route 10.0.0.0/8 nexthop gateway address 172.16.9.2 on");
    assert.deepEqual(await rows("show route destination 10.0.0.9"), [
      "C     10.0.0.0/24         is directly connected, eth2",
    ]);
    const wide = "S     10.0.0.0/8          via 172.16.9.2, eth3, cost 0, age 1234";
    assert.deepEqual(await rows("show route destination 10.9.9.9"), [wide]);
    assert.deepEqual(await rows("show route exact 10.0.0.0/8"), [wide]);
    assert.deepEqual(await rows("show route more-specific 10.0.0.0/8"), [
      "C     10.0.0.0/24         is directly connected, eth2",
    ]);
    assert.equal((await rows("show route less-specific 10.0.0.0/24")).length, 2);
    assert.deepEqual(await rows("show route inactive"), []);
    assert.match(await answer("show route exact 10.0.0.0"), /^CLINFR0409 /);
    assert.match(await answer("show route summary"), /^connected {12}4\n(.*\n)*static {15}2\n(.*\n)*Total {16}6$/m);
  });

  it("gives interfaces aliases, VLANs and masks, and takes them away", async () => {
    await answer("add interface eth1 alias 10.7.7.1/24");
    await answer("add interface eth1 alias 10.7.8.1/24");
    assert.equal(await answer("show interface eth1 aliases"), "alias eth1:1 10.7.7.1/24\nalias eth1:2 10.7.8.1/24");
    assert.equal(await answer("delete interface eth1 alias eth1:1"), "");
    assert.match(await answer("delete interface eth1 alias eth1:2"), /^CLINFR0409 /);
    assert.match(await answer("show configuration interface"), /\nadd interface eth1 alias 10\.7\.8\.1\/24\n/);
    await answer("add interface eth1 vlan 10");
    await answer("set interface eth1.10 ipv4-address 10.6.0.1 subnet-mask 255.255.252.0");
    assert.equal(await answer("show interface eth1 vlans"), "eth1.10");
    assert.match(
      await answer("show configuration interface"),
      /\nadd interface eth1 vlan 10\nset interface eth1\.10 state on\nset interface eth1\.10 ipv4-address 10\.6\.0\.1 mask-length 22\n/,
    );
    assert.match(await answer("set interface eth1 ipv4-address 10.6.0.1 subnet-mask 255.0.255.0"), /^CLINFR0409 /);
    assert.match(await answer("set interface eth1 ipv4-address 10.6.0.1 mask-length 33"), /^CLINFR0409 /);
    assert.match(await answer("add interface eth1 vlan 4095"), /^CLINFR0409 /);
    await answer("delete interface eth1 vlan 10");
    await answer("delete interface eth2 ipv4-address");
    assert.equal(await answer("show interface eth2 ipv4-address"), "ipv4-address Not Configured");
  });

  it("prints neighbours, names and time servers as published sessions do", async () => {
    router.device.running.others.push("set ntp server primary 1.1.1.1 version 3", "set dns primary 2.2.2.2");
    assert.equal(await answer("show domainname"), "Domain name  lab.example");
    assert.match(
      await answer("show dns"),
      /^DNS setup\nName .*\n\nDomain {16}lab\.example\nDNS server {12}2\.2\.2\.2\n/,
    );
    assert.match(await answer("show ntp servers"), /\n1\.1\.1\.1 {18}Primary {11}3$/);
    assert.match(await answer("show arp dynamic all"), /^Dynamic Arp Parameters\n\nIP Address {17}Mac Address/);
    assert.match(await answer("show asset all"), /^Model: Check Point 6200$/m);
    assert.match(await answer("show ipv6 route"), /\nC {9}::1\/128 {18}is directly connected, lo$/);
  });
});
