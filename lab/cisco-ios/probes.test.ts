import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";
import type { TerminalClient } from "../command-line/terminal-client.test";
import { LabNetwork } from "../network/network";
import { CiscoRouter } from "./lab-router";
import { openTerminal } from "./terminal-client.test";

const SERVER = "10.0.0.5";
const SPS = "172.16.9.2";
const ESCAPE = "\u001e";
const PROMPT = /(^|\n)edge-1#$/;

describe("ping, traceroute and telnet of an emulated Cisco router", function () {
  this.timeout(60_000);
  let directory: string;
  let network: LabNetwork;
  let router: CiscoRouter;
  let terminal: TerminalClient;

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), "cisco-probes-"));
    network = await LabNetwork.start({ labName: "cisco-probes", directory });
    router = await CiscoRouter.start(network, { secondMilliseconds: 50 });
  });
  after(async () => {
    await router?.stop();
    await network?.stop();
    rmSync(directory, { recursive: true });
  });
  beforeEach(async () => {
    terminal = await openTerminal(router, 0);
  });
  afterEach(() => terminal.close());

  async function onServer(script: string): Promise<void> {
    const { status, stderr } = await network.exec("server", ["sh", "-c", script]);
    assert.equal(status, 0, stderr);
  }

  it("prints a ping with its options, and takes no other option", async () => {
    assert.match(
      await terminal.type(`ping ${SERVER} repeat 2 size 1500 timeout 1 df-bit`),
      /\nType escape sequence to abort\.\nSending 2, 1500-byte ICMP Echos to 10\.0\.0\.5, timeout is 1 seconds:\nPacket sent with the DF bit set\n!!\nSuccess rate is 100 percent \(2\/2\), round-trip min\/avg\/max = \d+\/\d+\/\d+ ms\nedge-1#$/,
    );
    assert.match(
      await terminal.type("ping 10.0.0.99 rep 1 time 1"),
      /:\n\.\nSuccess rate is 0 percent \(0\/1\)\nedge-1#$/,
    );
    for (const options of ["count 2", "size 20", "repeat", "df-bit df-bit", "-c 2"])
      assert.match(await terminal.type(`ping ${SERVER} ${options}`), /% Invalid input detected at '\^' marker\./);
  });

  it("marks a packet that a hop refuses as too large, and one that the own interface cannot carry as lost", async () => {
    await onServer("echo 1 >/proc/sys/net/ipv4/ip_forward && ip route add 10.99.1.7 via 10.0.0.1 mtu lock 1400");
    await network.exec("router", ["ip", "route", "add", "10.99.1.0/24", "via", SERVER]);
    assert.match(await terminal.type("ping 10.99.1.7 repeat 1 size 1500 timeout 1 df-bit"), /\nM\nSuccess rate is 0 /);
    await network.exec("router", ["ip", "link", "set", "rsrv", "mtu", "1400"]);
    assert.match(await terminal.type(`ping ${SERVER} repeat 1 size 1500 timeout 1 df-bit`), /\n\.\nSuccess rate is 0 /);
    assert.match(await terminal.type("show ip interface Gi2"), /\n {2}MTU is 1400 bytes\n/);
    await network.exec("router", ["ip", "link", "set", "rsrv", "mtu", "1500"]);
    assert.match(await terminal.type("show ip cef 10.99.1.7"), /\n {2}nexthop 10\.0\.0\.5 GigabitEthernet2\nedge-1#$/);
    assert.match(await terminal.type(`show ip cef ${SPS}`), /\n {2}attached to GigabitEthernet3\nedge-1#$/);
  });

  it("traces a route by UDP, and stops at the escape character", async () => {
    assert.match(
      await terminal.type(`traceroute ${SERVER} numeric timeout 1 probe 1 ttl 1 10`),
      /\nTracing the route to 10\.0\.0\.5\nVRF info: \(vrf in name\/id, vrf out name\/id\)\n {2}1 10\.0\.0\.5 \d+ msec \nedge-1#$/,
    );
    await onServer("iptables -I INPUT -p udp -j DROP");
    await terminal.type(`traceroute ${SERVER} numeric timeout 1 probe 1`, / {2}1 {2}\* /);
    assert.match(await terminal.key(ESCAPE, PROMPT), PROMPT);
    await onServer("iptables -D INPUT -p udp -j DROP");
  });

  it("prints how a connection attempt ended", async () => {
    const refused = await terminal.type(`telnet ${SERVER} 9`);
    assert.match(refused, /\nTrying 10\.0\.0\.5, 9 \.\.\. \n% Connection refused by remote host\n+edge-1#$/);
    await onServer("iptables -I INPUT -p tcp --dport 9 -j DROP");
    const silent = await terminal.type(`telnet ${SERVER} 9`);
    assert.match(silent, /\n% Connection timed out; remote host not responding\n+edge-1#$/);
    await onServer("iptables -R INPUT 1 -p tcp --dport 9 -j REJECT --reject-with icmp-admin-prohibited");
    const rejected = await terminal.type(`telnet ${SERVER} 9`);
    assert.match(rejected, /\n% Destination unreachable; gateway or host down\n+edge-1#$/);
    await onServer("iptables -D INPUT 1");
    assert.match(await terminal.type(`telnet ${SERVER} 9 /quick`), /% Invalid input detected/);
    assert.match(await terminal.type(`telnet ${SERVER} 99999`), /% Invalid input detected/);
  });

  it("holds an open connection until the escape sequence and disconnect end it", async () => {
    await terminal.type(`telnet ${SERVER} 3389`, /Open\n/);
    assert.match(await terminal.key(`${ESCAPE}x`, PROMPT), /\nedge-1#$/);
    assert.match(await terminal.type("where"), /\n\* {2}1 10\.0\.0\.5 /);
    await terminal.type("", /\[Resuming connection 1 to 10\.0\.0\.5 \.\.\. \]\n/);
    await terminal.key(`${ESCAPE}x`, PROMPT);
    await terminal.type("disconnect", /Closing connection to 10\.0\.0\.5 \[confirm\]$/);
    await terminal.type("");
    assert.match(await terminal.type("where"), /\n% No connections open\nedge-1#$/);
  });

  it("says that the other side has closed a connection", async () => {
    await network.setRelayServing(true);
    assert.match(
      await terminal.type(`telnet ${SPS} 3389`),
      /\.\.\. Open\n+\[Connection to 172\.16\.9\.2 closed by foreign host\]\n+edge-1#$/,
    );
  });

  it("refuses telnet on a line that lets nothing out", async () => {
    for (const typed of ["configure terminal", "line vty 0 4", "transport output none", "end"])
      await terminal.type(typed, /[>#]$/);
    assert.match(await terminal.type(`telnet ${SERVER} 3389`), /% telnet connections not permitted from this terminal/);
    for (const typed of ["configure terminal", "line vty 0 4", "no transport output", "end"])
      await terminal.type(typed, /[>#]$/);
    assert.doesNotMatch(await terminal.type("show running-config | include transport output"), /none/);
  });
});
