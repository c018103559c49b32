import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TerminalClient } from "../../command-line/terminal-client.test";
import { LabNetwork } from "../../network/network";
import { CiscoRouter } from "../lab-router";
import { commandLineOf, openTerminal } from "../terminal-client.test";

describe("access lists of the emulated Cisco router", () => {
  let router: CiscoRouter;
  let terminal: TerminalClient;
  const { show, configure } = commandLineOf(() => terminal);

  beforeEach(async () => {
    router = await CiscoRouter.start(undefined);
    terminal = await openTerminal(router);
    await terminal.type("terminal length 0");
    await terminal.type("terminal width 512");
  });
  afterEach(async () => {
    terminal.close();
    await router.stop();
  });

  it("show the names of protocols, messages and values that are entered as numbers", async () => {
    assert.deepEqual(
      await configure(
        "ip access-list extended T",
        "permit 6 any any eq 22 match-all +syn -ack",
        "permit icmp any any 3 1",
        "permit icmp any any traceroute",
        "permit icmp any any 250 7",
        "permit igmp any any 2",
        "permit ip any any dscp 46 log mine time-range WORK",
        "permit ip any any precedence 5 tos 4",
        "permit ip any any ttl range 1 5 option 82",
        "deny   udp any any fragments log-input",
      ),
      [],
    );
    assert.equal(
      await show("show ip access-lists T"),
      `Extended IP access list T
    10 permit tcp any any eq 22 match-all +syn -ack
    20 permit icmp any any host-unreachable
    30 permit icmp any any traceroute
    40 permit icmp any any 250 7
    50 permit igmp any any host-report
    60 permit ip any any dscp ef log (tag = mine) time-range WORK
    70 permit ip any any precedence critical tos max-throughput
    80 permit ip any any ttl range 1 5 option traceroute
    90 deny udp any any fragments log-input`,
    );
  });

  it("take no option that a protocol has not, and no value out of its range", async () => {
    for (const entry of [
      "permit udp any any established",
      "permit tcp any any echo",
      "permit icmp any any 256",
      "permit ip any any dscp 64",
      "permit ip any any precedence urgent",
      "permit ip any any ttl near 3",
      "permit tcp any any match-any syn",
      "permit ip any any time-range",
    ])
      assert.deepEqual(
        await configure("ip access-list extended T", entry),
        ["% Invalid input detected at '^' marker."],
        entry,
      );
  });

  it("are numbered again in steps, and keep numbers for their kind", async () => {
    await configure("ip access-list extended T", "permit tcp any any", "permit udp any any", "deny ip any any");
    assert.deepEqual(await configure("ip access-list resequence T 100 5"), []);
    assert.match(await show("show access-lists T"), /\n {4}100 permit tcp .*\n {4}105 permit udp .*\n {4}110 deny ip /);
    assert.deepEqual(
      await configure("ip access-list standard 110", "ip access-list extended 10", "ip access-list resequence X 1 1"),
      ["% Invalid access list name.", "% Invalid access list name.", "% Invalid input detected at '^' marker."],
    );
    await configure("access-list 110 permit ip any any", "access-list 110 deny tcp any any");
    assert.deepEqual(await configure("no access-list 110 deny tcp any any"), []);
    assert.equal(await show("show access-lists 110"), "");
  });

  it("of IPv6 are shown with their numbers, in each of the two spellings", async () => {
    assert.deepEqual(
      await configure(
        "ipv6 access-list V6",
        "permit tcp any host 2001:0db8::5 eq 22",
        "deny udp 2001:db8:1::/48 any sequence 20 log",
        "sequence 35 permit icmp any any echo-request",
        "permit ipv6 any any",
      ),
      [],
    );
    assert.equal(
      await show("show ipv6 access-list"),
      `IPv6 access list V6
    permit tcp any host 2001:DB8::5 eq 22 sequence 10
    deny udp 2001:DB8:1::/48 any log sequence 20
    permit icmp any any echo-request sequence 35
    permit ipv6 any any sequence 45`,
    );
    assert.match(await show("show access-lists"), /^IPv6 access list V6\n/);
    const lines = await show("show running-config | section ipv6 access-list");
    assert.match(
      lines,
      /^ipv6 access-list V6\n sequence 10 permit tcp .*\n sequence 20 .*\n sequence 35 .*\n sequence 45 /,
    );
    router.device.spelling = "ios";
    assert.match(
      await show("show running-config | section ipv6 access-list"),
      /^ipv6 access-list V6\n permit tcp .*\n deny udp .*\n sequence 35 .*\n permit ipv6 any any$/,
    );
    assert.deepEqual(
      await configure(
        "ipv6 access-list V6",
        "permit tcp any host 10.0.0.5",
        "no sequence 20",
        "no permit ipv6 any any",
      ),
      ["% Invalid input detected at '^' marker."],
    );
    assert.match(await show("show ipv6 access-list V6"), /sequence 10\n.* sequence 35$/);
    await configure("no ipv6 access-list V6");
    assert.equal(await show("show ipv6 access-list"), "");
  });
});

describe("access lists of the emulated Cisco router in a network", function () {
  this.timeout(60_000);

  it("select messages of ICMP and flags of TCP for policy routing", async () => {
    const directory = mkdtempSync(join(tmpdir(), "cisco-lists-"));
    const network = await LabNetwork.start({ labName: "cisco-lists", directory });
    const router = await CiscoRouter.start(network);
    const terminal = await openTerminal(router);
    try {
      for (const line of [
        "terminal length 0",
        "configure terminal",
        "ip access-list extended T",
        "permit icmp any any administratively-prohibited",
        "permit tcp any host 10.0.0.5 match-all +syn -ack",
        "route-map T permit 10",
        "match ip address T",
        "set ip next-hop 10.0.0.5",
        "interface gi1",
        "ip policy route-map T",
        "end",
      ])
        assert.doesNotMatch(await terminal.type(line), /%/, line);
      await network.connectFromClient("10.0.0.5", 3389);
      const [, , , second = ""] = (await terminal.type("show access-lists T")).split("\n");
      assert.match(second, /^ {4}20 permit tcp any host 10\.0\.0\.5 match-all \+syn -ack \(1 match\)$/);
      const { stdout } = await network.exec("router", ["iptables-save", "-t", "mangle"]);
      assert.match(stdout, /-p icmp -m icmp --icmp-type 3\/13 /);
    } finally {
      terminal.close();
      await router.stop();
      await network.stop();
      rmSync(directory, { recursive: true });
    }
  });
});
