import assert from "node:assert/strict";
import type { TerminalClient } from "../command-line/terminal-client.test";
import { CiscoRouter } from "./lab-router";
import { openTerminal } from "./terminal-client.test";

describe("the emulated command line of a Cisco router", () => {
  let router: CiscoRouter;
  let terminal: TerminalClient;

  beforeEach(async () => {
    router = await CiscoRouter.start(undefined, { minuteMilliseconds: 600 });
    terminal = await openTerminal(router, 0);
  });
  afterEach(async () => {
    terminal.close();
    await router.stop();
  });

  it("prints the words, the order and the prompts of a device", async () => {
    assert.equal(
      await terminal.type("configure terminal"),
      "configure terminal\nEnter configuration commands, one per line.  End with CNTL/Z.\nedge-1(config)#",
    );
    assert.equal(await terminal.type("ip access-list ext TEST"), "ip access-list ext TEST\nedge-1(config-ext-nacl)#");
    for (const line of [
      "remark one",
      "permit tcp host 10.0.0.5 10.1.0.7 0.0.255.255 eq 80 443",
      "15 deny ip any any",
    ]) {
      assert.equal(await terminal.type(line), `${line}\nedge-1(config-ext-nacl)#`);
    }
    await terminal.type("route-map TEST permit 10");
    await terminal.type("match ip address TEST");
    await terminal.type("set ip next-hop 172.16.9.2");
    assert.equal(await terminal.type("int gi2"), "int gi2\nedge-1(config-if)#");
    await terminal.type("ip policy route-map TEST");
    assert.equal(await terminal.type("end"), "end\nedge-1#");
    assert.equal(
      await terminal.type("sh run | s access-list|route-map TEST|^interface GigabitEthernet2"),
      `sh run | s access-list|route-map TEST|^interface GigabitEthernet2
interface GigabitEthernet2
 description to server
 ip address 10.0.0.1 255.255.255.0
 ip policy route-map TEST
 negotiation auto
ip access-list extended TEST
 10 remark one
 10 permit tcp host 10.0.0.5 10.1.0.0 0.0.255.255 eq www 443
 15 deny   ip any any
route-map TEST permit 10
 match ip address TEST
 set ip next-hop 172.16.9.2
edge-1#`,
    );
    assert.match(await terminal.type("show ip policy"), /\nInterface {6}Route map\nGi2 {12}TEST\nedge-1#$/);
  });

  it("refuses unknown, incomplete and ambiguous commands as a device does", async () => {
    assert.equal(
      await terminal.type("show foo"),
      `show foo\n${" ".repeat(12)}^\n% Invalid input detected at '^' marker.\n\nedge-1#`.replace("\n\nedge", "\nedge"),
    );
    assert.match(await terminal.type("show"), /\n% Incomplete command\.\n/);
    assert.match(await terminal.type("con"), /\n% Incomplete command\.\n/);
    assert.match(await terminal.type("s"), /\n% Incomplete command\.\n/);
    assert.match(await terminal.type("show r"), /\n% Ambiguous command: {2}"show r"\n/);
    await terminal.type("conf t");
    assert.match(await terminal.type("permit tcp any any"), /% Invalid input detected at '\^' marker\./);
    await terminal.type("ip access-list extended TEST");
    assert.match(await terminal.type("permit tcp any"), /% Invalid input detected at '\^' marker\./);
    assert.match(
      await terminal.type("do show privilege"),
      /\nCurrent privilege level is 15\nedge-1\(config-ext-nacl\)#$/,
    );
    assert.match(await terminal.type("no route-map NONE"), /\n%Route-map NONE not found\nedge-1\(config\)#$/);
  });

  it("refuses an expression that cannot be compiled, a pipe to nothing and an unknown one", async () => {
    for (const filter of ["i [", "include *", "section include (", "count a{2,1}"]) {
      assert.equal(
        await terminal.type(`sh run | ${filter}`),
        `sh run | ${filter}\n% Failed to compile regular expression.\nedge-1#`,
      );
    }
    for (const line of ["sh run |", "sh run | i", "sh run | redirect"])
      assert.equal(await terminal.type(line), `${line}\n% Incomplete command.\nedge-1#`);
    assert.equal(
      await terminal.type("sh run | zap x"),
      `sh run | zap x\n${" ".repeat(16)}^\n% Invalid input detected at '^' marker.\nedge-1#`,
    );
    assert.equal(await terminal.type("sh run | i hostname"), "sh run | i hostname\nhostname edge-1\nedge-1#");
  });

  it("counts lines, and selects sections by what they have or have not", async () => {
    assert.equal(
      await terminal.type("sh run | c ^interface"),
      "sh run | c ^interface\nNumber of lines which match regexp = 4\nedge-1#",
    );
    const sections = await terminal.type("sh run | section include ^line");
    assert.equal(sections, "sh run | section include ^line\nline vty 0 4\n login local\n transport input ssh\nedge-1#");
    const others = await terminal.type("sh run | section exclude ^interface|^!");
    assert.match(others, /\nhostname edge-1\n/);
    assert.doesNotMatch(others, /GigabitEthernet|ip address/);
  });

  it("prints pages of the terminal's length until paging is off", async () => {
    const paged = await openTerminal(router, 10);
    const first = await paged.type("show running-config", / --More-- $/);
    assert.equal(first.split("\n").length, 11);
    assert.match(await paged.key("q", /edge-1#$/), /edge-1#$/);
    await paged.type("terminal length 0");
    assert.match(await paged.type("show running-config"), /\nend\nedge-1#$/);
    paged.close();
  });

  it("rolls unconfirmed changes back when the timer ends, and keeps confirmed ones", async () => {
    const { device } = router;
    assert.match(await terminal.type("configure confirm"), /%No Rollback Confirmed Change pending/);
    await terminal.type("configure terminal revert timer 1");
    await terminal.type("hostname edge-1");
    await terminal.type("route-map TEST permit 10");
    await terminal.type("end");
    assert.match(await terminal.type("show archive config rollback timer"), /Timer value: 1 min/);
    await new Promise((resolve) => setTimeout(resolve, 800));
    assert.equal(device.running.sequences.length, 0);

    await terminal.type("configure terminal revert timer 1");
    await terminal.type("route-map TEST permit 10");
    await terminal.type("end");
    await terminal.type("configure confirm");
    await new Promise((resolve) => setTimeout(resolve, 800));
    assert.equal(device.running.sequences.length, 1);
    assert.equal(device.startup.sequences.length, 0);
    assert.match(await terminal.type("write memory"), /\[OK\]/);
    assert.equal(device.startup.sequences.length, 1);
  });

  it("refuses the revert timer without an archive, and restarts at a scheduled reload", async () => {
    await terminal.type("configure terminal");
    await terminal.type("no archive");
    await terminal.type("end");
    assert.match(await terminal.type("show archive"), /\n Archive feature not enabled\n/);
    assert.match(await terminal.type("configure terminal revert timer 1"), /%Error: Turn config archive on before/);
    assert.match(await terminal.type("reload in 1", /\[yes\/no\]: $/), /System configuration has been modified/);
    await terminal.type("no", /\[confirm\]$/);
    await terminal.key("\r", /edge-1#$/);
    await new Promise((resolve) => setTimeout(resolve, 800));
    assert.equal(router.device.running.archive.path, "bootflash:archive");
  });

  it("asks for the enable password three times", async () => {
    const locked = await CiscoRouter.start(undefined, { needsEnable: true });
    const user = await openTerminal(locked);
    assert.match(await user.type("configure terminal"), /% Invalid input/);
    await user.type("enable", /Password: $/);
    await user.type("wrong", /Password: $/);
    assert.match(await user.type(locked.device.enablePassword ?? "", /edge-1[>#]$/), /edge-1#$/);
    user.close();
    await locked.stop();
  });
});
