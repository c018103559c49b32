import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TerminalClient } from "../../command-line/terminal-client.test";
import { LabNetwork } from "../../network/network";
import { CiscoRouter } from "../lab-router";
import { commandLineOf, openTerminal } from "../terminal-client.test";

/** The lines of routes in a report. */
const rowsBy =
  (show: (line: string) => Promise<string>) =>
  async (line = "show ip route static") =>
    (await show(line)).split("\n").filter((row) => /^S| via /.test(row));

describe("static routes of the emulated Cisco router", () => {
  let router: CiscoRouter;
  let terminal: TerminalClient;
  const { show, answers: configure } = commandLineOf(() => terminal);
  const rows = rowsBy(show);

  beforeEach(async () => {
    router = await CiscoRouter.start(undefined, { secondMilliseconds: 20 });
    terminal = await openTerminal(router);
    await terminal.type("terminal length 0");
  });
  afterEach(async () => {
    terminal.close();
    await router.stop();
  });

  it("are refused in the words of a device", async () => {
    for (const [line, words] of [
      ["ip route 10.9.0.1 255.255.0.0 10.0.0.5", "%Inconsistent address and mask"],
      ["ip route 10.9.0.0 255.0.255.0 10.0.0.5", "%Inconsistent address and mask"],
      ["ip route 10.9.0.0 255.255.0.0 10.0.0.1", "%Invalid next hop address (it's this router)"],
      ["ip route vrf RED 10.9.0.0 255.255.0.0 10.0.0.5", "%IP routing table VRF RED does not exist. Create first"],
      ["ip route 10.9.0.0 255.255.0.0 10.0.0.5 256", "% Invalid input detected at '^' marker."],
      ["ip route 10.9.0.0 255.255.0.0 10.0.0.5 track 1 permanent", "% Invalid input detected at '^' marker."],
      ["ip route 10.9.0.0 255.255.0.0 GigabitEthernet9", "% Invalid input detected at '^' marker."],
      ["no ip route 10.9.0.0 255.255.0.0 10.0.0.5", "%No matching route to delete"],
    ] as const)
      assert.deepEqual(await configure(line), [words], line);
    assert.match((await configure("ip route 10.9.0.0 255.255.0.0"))[0] ?? "", /% Incomplete command\.$/);
    assert.doesNotMatch(await show("show running-config"), /^ip route/m);
  });

  it("stand in the running configuration by network, in the order of words of a device", async () => {
    await configure(
      "ip route 10.9.0.0 255.255.0.0 10.0.0.5 name far tag 7 200",
      "ip route 10.9.0.0 255.255.0.0 10.0.0.5 200 name far tag 7",
      "ip route 10.8.0.0 255.255.0.0 null 0",
      "ip route 10.8.1.0 255.255.255.0 gi2 10.0.0.6 permanent",
      "ip route 0.0.0.0 0.0.0.0 172.16.9.2 track 5",
      "ip route 0.0.0.0 0.0.0.0 172.16.9.2 250",
    );
    assert.equal(
      await show("show running-config | include ^ip route"),
      `ip route 0.0.0.0 0.0.0.0 172.16.9.2 250
ip route 10.8.0.0 255.255.0.0 Null0
ip route 10.8.1.0 255.255.255.0 GigabitEthernet2 10.0.0.6 permanent
ip route 10.9.0.0 255.255.0.0 10.0.0.5 200 tag 7 name far`,
    );
    assert.deepEqual(await configure("no ip route 10.9.0.0 255.255.0.0 10.0.0.5 100"), [
      "%No matching route to delete",
    ]);
    const removed = ["no ip route 10.9.0.0 255.255.0.0 10.0.0.5", "no ip route 10.8.0.0 255.255.0.0 Null0"];
    assert.deepEqual(await configure(...removed, "no ip route 0.0.0.0 0.0.0.0"), ["", "", ""]);
    assert.equal((await show("show running-config | include ^ip route")).split("\n").length, 1);
  });

  it("are in the table with code, distance and ways, and in detail", async () => {
    const [notice] = await configure(
      "ip route 10.7.0.0 255.255.0.0 GigabitEthernet2",
      "ip route 10.9.0.0 255.255.0.0 10.0.0.5 tag 7",
      "ip route 10.9.0.0 255.255.0.0 GigabitEthernet2 10.0.0.6",
      "ip route 10.9.0.0 255.255.0.0 172.16.9.2 5",
      "ip route 10.8.0.0 255.255.0.0 Null0",
      "ip route 0.0.0.0 0.0.0.0 172.16.9.2 5",
    );
    assert.equal(notice, "%Default route without gateway, if not a point-to-point interface, may impact performance");
    assert.ok(
      (await show("show ip route")).includes(`
Gateway of last resort is 172.16.9.2 to network 0.0.0.0

S*    0.0.0.0/0 [5/0] via 172.16.9.2
      10.0.0.0/8 is variably subnetted, 5 subnets, 3 masks
C        10.0.0.0/24 is directly connected, GigabitEthernet2
L        10.0.0.1/32 is directly connected, GigabitEthernet2
S        10.7.0.0/16 is directly connected, GigabitEthernet2
S        10.8.0.0/16 is directly connected, Null0
S        10.9.0.0/16 [1/0] via 10.0.0.5
                     [1/0] via 10.0.0.6, GigabitEthernet2
      172.16.0.0/16 is variably subnetted,`),
      await show("show ip route"),
    );
    assert.equal(
      await show("show ip route 10.9.3.4"),
      `Routing entry for 10.9.0.0/16
  Known via "static", distance 1, metric 0
  Tag 7
  Routing Descriptor Blocks:
  * 10.0.0.5
      Route metric is 0, traffic share count is 1
      Route tag 7
    10.0.0.6, via GigabitEthernet2
      Route metric is 0, traffic share count is 1`,
    );
    assert.match(
      await show("show ip route 10.8.0.0 255.255.0.0"),
      /distance 1, metric 0 \(connected\)\n.*\n {2}\* directly connected, via Null0/,
    );
    assert.equal(await show("show ip route 10.6.0.0"), "% Subnet not in table");
    assert.equal(await show("show ip route 11.6.0.0 255.255.0.0"), "% Network not in table");
    const longer = await show("show ip route 10.8.0.0 255.254.0.0 longer-prefixes");
    assert.deepEqual(longer.match(/^[A-Z]\*? .*$/gm), [
      "S        10.8.0.0/16 is directly connected, Null0",
      "S        10.9.0.0/16 [1/0] via 10.0.0.5",
    ]);
  });

  it("are left out without a way to the next hop, and replaced by one with a higher distance", async () => {
    await configure(
      "ip route 10.9.0.0 255.255.0.0 10.0.0.5",
      "ip route 10.9.0.0 255.255.0.0 172.16.9.2 200",
      "ip route 10.66.0.0 255.255.0.0 10.9.4.4",
      "ip route 10.70.0.0 255.255.0.0 10.70.0.1",
      "ip route 10.71.0.0 255.255.0.0 10.72.0.1",
      "ip route 10.72.0.0 255.255.0.0 10.71.0.1",
      "ip route 10.73.0.0 255.255.0.0 10.0.0.6 255",
      "ip route 10.74.0.0 255.255.0.0 GigabitEthernet2 10.0.0.6 permanent",
      "track 5 ip sla 5",
      "ip route 10.75.0.0 255.255.0.0 172.16.9.2 track 5",
    );
    const before = [
      "S        10.66.0.0/16 [1/0] via 10.9.4.4",
      "S        10.74.0.0/16 [1/0] via 10.0.0.6, GigabitEthernet2",
    ];
    assert.deepEqual(await rows(), ["S        10.9.0.0/16 [1/0] via 10.0.0.5", ...before]);
    await configure("interface gi2", "shutdown");
    assert.deepEqual(await rows(), ["S        10.9.0.0/16 [200/0] via 172.16.9.2", ...before]);
    await configure("interface gi2", "no shutdown");
    assert.deepEqual(await rows(), ["S        10.9.0.0/16 [1/0] via 10.0.0.5", ...before]);
  });

  it("of a VRF are in its table alone", async () => {
    await configure(
      "vrf definition RED",
      "address-family ipv4",
      "exit",
      "interface gi2",
      "vrf forwarding RED",
      "ip address 10.0.0.1 255.255.255.0",
      "exit",
    );
    assert.deepEqual(
      await configure("ip route vrf RED 10.9.0.0 255.255.0.0 10.0.0.5", "ip route vrf RED 10.8.0.0 255.255.0.0 gi2"),
      ["", "%For VPN routes, must specify a next hop IP address if not a point-to-point interface"],
    );
    assert.deepEqual(await rows(), []);
    assert.match(await show("show ip route vrf RED"), /^\nRouting Table: RED\nCodes: L/);
    assert.deepEqual(await rows("show ip route vrf RED static"), ["S        10.9.0.0/16 [1/0] via 10.0.0.5"]);
    assert.equal(await show("show ip route vrf BLUE"), "% IP routing table BLUE does not exist");
    await configure("no ip route vrf RED 10.9.0.0 255.255.0.0");
    assert.deepEqual(await rows("show ip route vrf RED static"), []);
  });
});

describe("static routes of the emulated Cisco router in a network", function () {
  this.timeout(60_000);
  let directory: string;
  let network: LabNetwork;
  let router: CiscoRouter;
  let terminal: TerminalClient;
  const { show, answers: configure } = commandLineOf(() => terminal);
  const rows = rowsBy(show);

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), "cisco-static-"));
    network = await LabNetwork.start({ labName: "cisco-static", directory });
    await network.exec("server", ["ip", "address", "add", "10.99.1.7/32", "dev", "lo"]);
    router = await CiscoRouter.start(network);
    terminal = await openTerminal(router);
    await terminal.type("terminal length 0");
  });
  after(async () => {
    terminal?.close();
    await router?.stop();
    await network?.stop();
    rmSync(directory, { recursive: true });
  });

  /** What a client sees of a closed port within a limit: that the host refuses it, that a router does, or nothing. */
  async function seenByClient(address: string, limitMilliseconds = 3000): Promise<string> {
    const program = `const socket = require("node:net").connect({ host: process.argv[1], port: 1 });
socket.setTimeout(${limitMilliseconds}, () => { console.log("silence"); process.exit(); });
socket.on("error", ({ code }) => { console.log(code); process.exit(); });`;
    return (await network.exec("client", [process.execPath, "-e", program, address])).stdout.trim();
  }

  it("lead packets of clients, and no longer when they are removed", async () => {
    assert.equal(await seenByClient("10.99.1.7"), "ENETUNREACH");
    await configure("ip route 10.99.0.0 255.255.0.0 10.0.0.5");
    assert.equal(await seenByClient("10.99.1.7"), "ECONNREFUSED");
    assert.deepEqual(await rows(), ["S        10.99.0.0/16 [1/0] via 10.0.0.5"]);
    assert.match(await show("show ip cef 10.99.1.7"), /^10\.99\.0\.0\/16\n {2}nexthop 10\.0\.0\.5 GigabitEthernet2$/);
    await configure("ip route 10.99.1.7 255.255.255.255 Null0");
    assert.equal(await seenByClient("10.99.1.7", 500), "silence");
    await configure("no ip route 10.99.1.7 255.255.255.255 Null0");
    assert.equal(await seenByClient("10.99.1.7"), "ECONNREFUSED");
    await configure("no ip route 10.99.0.0 255.255.0.0 10.0.0.5");
    assert.equal(await seenByClient("10.99.1.7"), "ENETUNREACH");
  });

  it("fall back to a higher distance while an interface is down, and come back", async () => {
    await configure(
      "ip route 10.99.0.0 255.255.0.0 10.0.0.5",
      "ip route 10.99.0.0 255.255.0.0 Null0 250",
      "ip route 10.98.0.0 255.255.0.0 10.99.4.4",
      "ip route 10.98.0.0 255.255.0.0 10.0.0.6",
    );
    const kernel = async () =>
      (await network.exec("router", ["ip", "-o", "route", "show", "proto", "static"])).stdout.trim().split("\n");
    assert.match((await kernel()).join("\n"), /^10\.98\.0\.0\/16 metric 1 .*via 10\.0\.0\.[56] .*via 10\.0\.0\.[56] /m);
    await configure("interface gi2", "shutdown");
    assert.equal(await seenByClient("10.99.1.7", 500), "silence");
    assert.deepEqual((await rows())[1], "S        10.99.0.0/16 is directly connected, Null0");
    await configure("interface gi2", "no shutdown");
    assert.equal(await seenByClient("10.99.1.7"), "ECONNREFUSED");
    await configure("no ip route 10.99.0.0 255.255.0.0", "no ip route 10.98.0.0 255.255.0.0");
    assert.deepEqual(await kernel(), [""]);
  });

  it("survive a change of policy routing that comes after them", async () => {
    await configure("ip route 10.99.0.0 255.255.0.0 10.0.0.5", "route-map PBR permit 10", "set ip next-hop 172.16.9.2");
    assert.equal(await seenByClient("10.99.1.7"), "ECONNREFUSED");
    await configure("interface gi3", "shutdown", "no shutdown", "interface gi1", "ip policy route-map PBR");
    const { stdout } = await network.exec("router", ["ip", "route", "show", "table", "all", "default"]);
    assert.match(stdout, /^default via 172\.16\.9\.2 dev rsps table 7000 *$/m);
    await configure("interface gi1", "no ip policy route-map PBR", "no ip route 10.99.0.0 255.255.0.0");
  });

  it("do not touch the routes that the kernel has from others", async () => {
    await network.exec("router", ["ip", "route", "add", "10.97.0.0/16", "via", "10.0.0.5"]);
    await configure("ip route 10.99.0.0 255.255.0.0 10.0.0.5", "no ip route 10.99.0.0 255.255.0.0");
    assert.match((await network.exec("router", ["ip", "route"])).stdout, /^10\.97\.0\.0\/16 via 10\.0\.0\.5 /m);
  });
});
