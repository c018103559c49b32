import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TerminalClient } from "../../command-line/terminal-client.test";
import { LabNetwork } from "../../network/network";
import { CiscoRouter } from "../lab-router";
import { commandLineOf, openTerminal, outputOf } from "../terminal-client.test";

const GROUPS = [
  "object-group network INNER",
  "host 192.168.50.10",
  "object-group network CLIENTS",
  "description who may",
  "group-object INNER",
  "10.7.1.9 255.255.0.0",
  "10.8.0.0 /24",
  "object-group network SERVERS",
  "range 10.0.0.4 10.0.0.6",
  "object-group service RDP",
  "tcp range 3380 3399",
  "tcp-udp source gt 1023 eq domain",
  "udp eq snmp",
  "icmp echo",
];

describe("object groups of the emulated Cisco router", () => {
  let router: CiscoRouter;
  let terminal: TerminalClient;
  const { configure } = commandLineOf(() => terminal);

  beforeEach(async () => {
    router = await CiscoRouter.start(undefined);
    terminal = await openTerminal(router);
    await terminal.type("terminal length 0");
    await terminal.type("terminal width 512");
    assert.deepEqual(await configure(...GROUPS), []);
  });
  afterEach(async () => {
    terminal.close();
    await router.stop();
  });

  it("are shown with masks of networks, nested groups and names of ports", async () => {
    assert.equal(
      outputOf(await terminal.type("show object-group")),
      `Network object group INNER
 host 192.168.50.10
Network object group CLIENTS
 description who may
 group-object INNER
 10.7.0.0 255.255.0.0
 10.8.0.0 255.255.255.0
Network object group SERVERS
 range 10.0.0.4 10.0.0.6
Service object group RDP
 tcp range 3380 3399
 tcp-udp source gt 1023 eq domain
 udp eq snmp
 icmp echo`,
    );
    assert.match(
      outputOf(await terminal.type("show running-config")),
      /\n!\nobject-group network INNER \n host 192\.168\.50\.10\n!\n[\s\S]*\nobject-group service RDP \n tcp range/,
    );
  });

  it("take the place of addresses and of services in entries, which name only groups that exist", async () => {
    const entries = [
      "permit object-group RDP object-group CLIENTS object-group SERVERS log",
      "permit tcp object-group CLIENTS eq bgp 443 host 10.0.0.9 range 8080 8090 established",
      "permit udp any eq snmp bootpc 10.1.0.0 0.0.0.255",
      "deny ip any object-group SERVERS",
    ];
    const missing = (name: string) => `%Error: object-group ${name} does not exist`;
    assert.deepEqual(
      await configure(
        "ip access-list extended OG",
        ...entries,
        "permit ip object-group NONE any",
        "permit object-group SERVERS any any",
        "permit object-group RDP any",
      ),
      [missing("NONE"), missing("SERVERS"), `% Invalid input detected at '^' marker.`],
    );
    assert.equal(
      outputOf(await terminal.type("show access-lists OG")),
      ["Extended IP access list OG", ...entries.map((entry, index) => `    ${(index + 1) * 10} ${entry}`)].join("\n"),
    );
  });

  it("are neither removed nor emptied while something names them, and never contain themselves", async () => {
    await configure("ip access-list extended OG", "permit ip any object-group SERVERS");
    const inUse = (name: string) => `%Error: object-group ${name} is in use`;
    assert.deepEqual(
      await configure(
        "no object-group network SERVERS",
        "no object-group network INNER",
        "object-group network SERVERS",
        "no range 10.0.0.4 10.0.0.6",
        "group-object NONE",
        "object-group network INNER",
        "group-object CLIENTS",
        "object-group service INNER",
      ),
      [
        inUse("SERVERS"),
        inUse("INNER"),
        inUse("SERVERS"),
        "%Error: object-group NONE does not exist",
        "%Error: object-group CLIENTS has INNER among its members",
        "%Error: object-group INNER is of another type",
      ],
    );
    assert.deepEqual(await configure("no ip access-list extended OG", "no object-group network SERVERS"), []);
  });

  it("refuse members that are none", async () => {
    await terminal.type("configure terminal");
    for (const [group, lines] of [
      ["network N", ["10.0.0.0 0.0.0.255", "range 10.0.0.9 10.0.0.4", "10.0.0.0 /33", "tcp eq 80"]],
      ["service S", ["tcp eq snmp", "udp eq", "udp eq www", "tcp source", "icmp echo 7"]],
    ] as const) {
      await terminal.type(`object-group ${group}`);
      for (const line of lines) assert.match(await terminal.type(line), /% Invalid input|% Incomplete/, line);
    }
    assert.deepEqual(
      router.device.running.objectGroups.slice(-2).map(({ members }) => members),
      [[], []],
    );
  });
});

describe("object groups of the emulated Cisco router in a network", function () {
  this.timeout(60_000);
  let directory: string;
  let network: LabNetwork;
  let router: CiscoRouter;

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), "cisco-groups-"));
    network = await LabNetwork.start({ labName: "cisco-groups", directory });
    router = await CiscoRouter.start(network);
  });
  after(async () => {
    await router?.stop();
    await network?.stop();
    rmSync(directory, { recursive: true });
  });

  it("decide about real packets, also when they change", async () => {
    const terminal = await openTerminal(router);
    const { configure } = commandLineOf(() => terminal);
    await terminal.type("terminal width 512");
    const seenAs = async (port: number) =>
      (await network.connectFromClient("10.0.0.5", port, { timeoutSeconds: 2 })).peerSeenByServer;
    const [client, sps] = ["192.168.50.10", "172.16.9.2"];
    const rules = [
      "ip access-list extended OG",
      "permit object-group RDP object-group CLIENTS object-group SERVERS",
      "route-map OG permit 10",
      "match ip address OG",
      "set ip next-hop 172.16.9.2",
      "interface gi1",
      "ip policy route-map OG",
    ];
    assert.deepEqual(await configure(...GROUPS, ...rules), []);
    assert.deepEqual([await seenAs(3389), await seenAs(8080)], [sps, client]);
    assert.match(await terminal.type("show access-lists OG"), /object-group SERVERS \(\d+ matches\)/);

    await configure("object-group service RDP", "tcp eq 8080", "no tcp range 3380 3399");
    assert.deepEqual([await seenAs(3389), await seenAs(8080)], [client, sps]);

    await configure("object-group network SERVERS", "host 10.0.0.6", "no range 10.0.0.4 10.0.0.6");
    assert.equal(await seenAs(8080), client);

    await configure("object-group network SERVERS", "any");
    assert.equal(await seenAs(8080), sps);
    terminal.close();
  });
});
