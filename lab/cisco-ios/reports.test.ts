import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TerminalClient } from "../command-line/terminal-client.test";
import { LabNetwork } from "../network/network";
import { CiscoRouter } from "./lab-router";
import { commandLineOf, openTerminal, outputOf } from "./terminal-client.test";

describe("reports of the emulated Cisco router", () => {
  let router: CiscoRouter;
  let terminal: TerminalClient;
  const { show } = commandLineOf(() => terminal);
  const configure = async (...lines: string[]) => {
    for (const line of ["configure terminal", ...lines]) assert.doesNotMatch(await terminal.type(line), /%/, line);
    await terminal.type("end");
  };

  beforeEach(async () => {
    router = await CiscoRouter.start(undefined, { minuteMilliseconds: 100 });
    terminal = await openTerminal(router);
    await terminal.type("terminal length 0");
  });
  afterEach(async () => {
    terminal.close();
    await router.stop();
  });

  it("lists users with their lines, and messages of the log on lines that monitor it", async () => {
    const other = await openTerminal(router);
    assert.equal(
      (await show("show users")).replace(/00:00:\d\d/g, "00:00:00"),
      `    Line       User       Host(s)              Idle       Location
*  1 vty 0     admin      idle                 00:00:00 127.0.0.1
   2 vty 1     admin      idle                 00:00:00 127.0.0.1

  Interface    User               Mode         Idle     Peer Address`,
    );
    await other.type("terminal monitor");
    await configure();
    const message = "*Jan  5 10:00:00.000: %SYS-5-CONFIG_I: Configured from console by admin on vty0 (127.0.0.1)";
    assert.match(other.shown, /\n\*Jan {2}5 10:00:00\.000: %SYS-5-CONFIG_I: .* on vty0 \(127\.0\.0\.1\)\n$/);
    const log = await show("show logging");
    assert.match(log, /^Syslog logging: enabled .*\n\nNo Active Message Discriminator\.\n/);
    assert.match(log, /\n {4}Monitor logging: level debugging, 1 messages logged, xml disabled,\n/);
    assert.ok(log.endsWith(`\nLog Buffer (4096 bytes):\n\n${message}`), log);
    await other.type("terminal no monitor");
    await configure();
    assert.doesNotMatch(other.shown, /CONFIG_I/);
    other.close();
  });

  it("prints the routing table in classes, and one route in detail", async () => {
    const table = await show("show ip route");
    assert.match(table, /^Codes: L - local, C - connected, S - static, /);
    assert.ok(
      table.endsWith(`
Gateway of last resort is not set

      10.0.0.0/8 is variably subnetted, 2 subnets, 2 masks
C        10.0.0.0/24 is directly connected, GigabitEthernet2
L        10.0.0.1/32 is directly connected, GigabitEthernet2
      172.16.0.0/16 is variably subnetted, 2 subnets, 2 masks
C        172.16.9.0/24 is directly connected, GigabitEthernet3
L        172.16.9.1/32 is directly connected, GigabitEthernet3
      172.31.0.0/16 is variably subnetted, 2 subnets, 2 masks
C        172.31.255.0/24 is directly connected, GigabitEthernet4
L        172.31.255.1/32 is directly connected, GigabitEthernet4
      192.168.50.0/24 is variably subnetted, 2 subnets, 2 masks
C        192.168.50.0/24 is directly connected, GigabitEthernet1
L        192.168.50.1/32 is directly connected, GigabitEthernet1`),
      table,
    );
    assert.equal(
      await show("sh ip ro 10.0.0.77"),
      `Routing entry for 10.0.0.0/24
  Known via "connected", distance 0, metric 0 (connected, via interface)
  Routing Descriptor Blocks:
  * directly connected, via GigabitEthernet2
      Route metric is 0, traffic share count is 1`,
    );
    assert.equal(await show("show ip route 8.8.8.8"), "% Network not in table");
    await configure("interface gi2", "shutdown");
    assert.doesNotMatch(await show("show ip route connected"), /10\.0\.0\./);
  });

  it("shows one interface by any of its abbreviations, and the descriptions of all", async () => {
    for (const name of ["gi1", "GigabitEthernet 1", "g1"]) {
      const text = await show(`show interfaces ${name}`);
      assert.match(text, /^GigabitEthernet1 is up, line protocol is up \n/);
      assert.doesNotMatch(text, /GigabitEthernet2/);
    }
    assert.match(await show("show interfaces gi9"), /^% Invalid input detected at '\^' marker\.$/);
    assert.equal(
      await show("show int desc | i Gi1|^Int"),
      `Interface                      Status         Protocol Description
Gi1                            up             up       to client`,
    );
  });

  it("shows the policy of its own packets", async () => {
    assert.equal(await show("show ip local policy"), "Local policy routing is disabled");
    await configure("ip local policy route-map OWN");
    assert.equal(
      await show("show ip local policy"),
      "Local policy routing is enabled, using route map OWN\nRoute map OWN not found",
    );
    await configure("route-map OWN permit 10", "set ip next-hop 172.16.9.2");
    assert.match(
      await show("show ip local policy"),
      /^Local policy routing is enabled, using route map OWN\nroute-map OWN, permit, sequence 10\n {2}Match clauses:\n/,
    );
    assert.equal(await show("show ip policy"), "Interface      Route map\nlocal          OWN");
  });

  it("shows defaults only when all of the configuration is asked for", async () => {
    await configure("interface gi1", "no ip proxy-arp", "ip sla 5", "icmp-echo 172.16.9.2");
    const [brief, all] = [await show("show running-config"), await show("show running-config all")];
    const added = all.split("\n").filter((line) => !brief.split("\n").includes(line));
    assert.deepEqual([...new Set(added.slice(1))].sort(), [
      " frequency 60",
      " ip proxy-arp",
      " ip redirects",
      " ip unreachables",
      " maximum 10",
      " no shutdown",
      " no write-memory",
      " threshold 5000",
      " timeout 5000",
      "ip cef",
      "ip domain lookup",
      "ip routing",
    ]);
    assert.match(all, /\ninterface GigabitEthernet1\n[^!]*\n no ip proxy-arp\n[^!]*\n no shutdown\n/);
  });

  it("saves with one word, and asks before it restarts", async () => {
    const { device } = router;
    await configure("hostname edge-1", "ip name-server 10.9.9.9");
    await terminal.type("reload", /Save\? \[yes\/no\]: $/);
    await terminal.type("no", /Proceed with reload\? \[confirm\]$/);
    await terminal.type("n");
    assert.equal(await terminal.type("wr"), "wr\nBuilding configuration...\n[OK]\nedge-1#");
    assert.deepEqual(device.startup.globals, device.running.globals);
    assert.equal(await terminal.type("reload", /\[confirm\]$/), "reload\nProceed with reload? [confirm]");
    const isEnded = new Promise((resolve) => device.onReload.push(() => resolve(true)));
    terminal.press("\r");
    assert.equal(await isEnded, true);
    assert.ok(device.running.globals.includes("ip name-server 10.9.9.9"));
  });

  it("keeps an archive of as many configurations as it may, by command, on saving and by time", async () => {
    const { device } = router;
    const files = (): string[] => device.files.list().match(/archive-\S+/g) ?? [];
    const name = (number: number) => `archive-Jan--5-10-00-00.000-UTC-${number}`;
    await terminal.type("archive config");
    assert.deepEqual(files(), [name(0)]);
    await configure("archive", "maximum 2", "write-memory");
    await terminal.type("write memory");
    await terminal.type("write memory");
    assert.deepEqual(files(), [name(1), name(2)]);
    assert.equal(
      await show("show archive"),
      `The maximum archive configurations allowed is 2.
There are currently 2 archive configurations saved.
The next archive file will be named bootflash:archive-<timestamp>-3
 Archive #  Name
   1        bootflash:${name(1)}
   2        bootflash:${name(2)} <- Most Recent`,
    );
    await configure("archive", "time-period 1");
    assert.equal(
      await show("sh run | section ^archive"),
      "archive\n path bootflash:archive\n maximum 2\n write-memory\n time-period 1",
    );
    const limit = Date.now() + 5000;
    while (!files().includes(name(3)) && Date.now() < limit) await new Promise((resolve) => setTimeout(resolve, 20));
    assert.ok(files().includes(name(3)));
    await terminal.type("configure terminal");
    await terminal.type("archive");
    for (const line of ["maximum 0", "maximum 15", "time-period 0"])
      assert.match(await terminal.type(line), /% Invalid input detected/, line);
  });
});

describe("the routes of the emulated Cisco router in a network", function () {
  this.timeout(60_000);
  let directory: string;
  let network: LabNetwork;
  let router: CiscoRouter;

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), "cisco-routes-"));
    network = await LabNetwork.start({ labName: "cisco-routes", directory });
    router = await CiscoRouter.start(network);
  });
  after(async () => {
    await router?.stop();
    await network?.stop();
    rmSync(directory, { recursive: true });
  });

  it("are those of the kernel that forwards", async () => {
    for (const route of ["10.99.1.0/24 via 10.0.0.5", "blackhole 10.99.2.0/24", "default via 172.31.255.2"])
      await network.exec("router", ["ip", "route", "replace", ...route.split(" ")]);
    const terminal = await openTerminal(router);
    await terminal.type("terminal length 0");
    const table = outputOf(await terminal.type("show ip route"));
    assert.ok(
      table.includes(`
Gateway of last resort is 172.31.255.2 to network 0.0.0.0

S*    0.0.0.0/0 [1/0] via 172.31.255.2
      10.0.0.0/8 is variably subnetted, 4 subnets, 2 masks
C        10.0.0.0/24 is directly connected, GigabitEthernet2
L        10.0.0.1/32 is directly connected, GigabitEthernet2
S        10.99.1.0/24 [1/0] via 10.0.0.5
S        10.99.2.0/24 is directly connected, Null0
      172.16.0.0/16 is variably subnetted,`),
      table,
    );
    terminal.close();
  });
});
