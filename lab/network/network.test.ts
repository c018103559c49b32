import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LabNetwork } from "./network";

// A redirection after the vendor's recipe, in a chain of its own.
const REDIRECT = `set -e
ip -4 route replace default via 172.16.9.2 dev rsps table 103 proto 103
ip -4 rule add pref 10103 fwmark 0x1/0xff lookup 103 protocol 103
iptables-restore -w 10 --noflush <<'RULES'
*mangle
:SPS-REDIRECT - [0:0]
-I PREROUTING 1 -j SPS-REDIRECT
-A SPS-REDIRECT -i rcli -d 10.0.0.0/24 -p tcp --dport 3389 -j CONNMARK --set-mark 1/0xff
-A SPS-REDIRECT -i rsps -d 10.0.0.0/24 -p tcp --dport 3389 -j CONNMARK --set-mark 1/0xff
-A SPS-REDIRECT ! -i rsps -m connmark --mark 1/0xff -j MARK --set-mark 1/0xff
COMMIT
RULES
`;

describe("packets in the routed network", function () {
  this.timeout(10_000);
  let network: LabNetwork;
  const directory = mkdtempSync(join(tmpdir(), "lab-network-"));

  before(async () => {
    network = await LabNetwork.start({ labName: "packets", directory, serverPorts: [22, 2222, 3389, 8080, 9000] });
  });

  after(async () => {
    await network.stop();
    rmSync(directory, { recursive: true });
  });

  async function router(script: string): Promise<string> {
    const { status, stdout, stderr } = await network.exec("router", ["sh", "-s"], { input: script });
    assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
    return stdout;
  }

  it("describes the addresses, interfaces and ports of the network", () => {
    const { router, client, server, sps } = network.description;
    assert.deepEqual(
      [router.clientInterface, router.serverInterface, router.spsInterface, router.managementInterface],
      ["rcli", "rsrv", "rsps", "rmgt"],
    );
    assert.equal(router.address, "127.0.0.1");
    assert.equal(router.username, "root");
    assert.match(router.hostKey, /^ssh-ed25519 AAAA[\w+/]+=*$/);
    assert.deepEqual(client, { address: "192.168.50.10", network: "192.168.50.0/24" });
    assert.deepEqual(server, { address: "10.0.0.5", network: "10.0.0.0/24", ports: [22, 2222, 3389, 8080, 9000] });
    assert.equal(sps.address, "172.16.9.2");
    assert.equal(statSync(router.privateKeyFile).mode & 0o777, 0o600);
    assert.equal(statSync(sps.auditFile).mode & 0o777, 0o600);
  });

  it("connects directly to every server address and port while no traffic is redirected", async () => {
    for (const address of ["10.0.0.5", "10.0.0.6"]) {
      for (const port of network.description.server.ports) {
        const result = await network.connectFromClient(address, port);
        assert.equal(result.peerSeenByServer, "192.168.50.10");
        assert.equal(result.peerPortSeenByServer, result.clientPort);
      }
    }
    assert.deepEqual(await network.auditRecords(), []);
  });

  it("reports a closed port as ECONNREFUSED", async () => {
    await assert.rejects(network.connectFromClient("10.0.0.5", 4444), { code: "ECONNREFUSED" });
  });

  it("reports a silent server as ETIMEDOUT at the time limit", async () => {
    await router("iptables -w 10 -A FORWARD -d 10.0.0.6 -j DROP\n");
    const start = performance.now();
    await assert.rejects(network.connectFromClient("10.0.0.6", 8080, { timeoutSeconds: 0.3 }), { code: "ETIMEDOUT" });
    assert.ok(performance.now() - start < 2000);
    await router("iptables -w 10 -F FORWARD\n");
  });

  it("redirects a connection through SPS and writes exactly one audit record", async () => {
    await router(REDIRECT);
    const result = await network.connectFromClient("10.0.0.5", 3389);
    assert.equal(result.peerSeenByServer, "172.16.9.2");
    const records = await network.auditRecords();
    assert.equal(records.length, 1);
    assert.equal(records[0]?.client, `192.168.50.10:${result.clientPort}`);
    assert.equal(records[0]?.server, "10.0.0.5:3389");
    assert.equal(records[0]?.mode, "own");
  });

  it("connects directly to ports that are not redirected", async () => {
    const before = (await network.auditRecords()).length;
    assert.equal((await network.connectFromClient("10.0.0.5", 8080)).peerSeenByServer, "192.168.50.10");
    assert.equal((await network.auditRecords()).length, before);
  });

  it("shows the server the client address and another port in client mode", async () => {
    const before = (await network.auditRecords()).length;
    await network.setAddressMode("client");
    const result = await network.connectFromClient("10.0.0.6", 3389);
    await network.setAddressMode("own");
    assert.equal(result.peerSeenByServer, "192.168.50.10");
    assert.ok(result.peerPortSeenByServer >= 10_000 && result.peerPortSeenByServer <= 32_000);
    assert.ok(result.clientPort > 32_000);
    const records = (await network.auditRecords()).slice(before);
    assert.equal(records.length, 1);
    assert.equal(records[0]?.client, `192.168.50.10:${result.clientPort}`);
    assert.equal(records[0]?.server, "10.0.0.6:3389");
    assert.equal(records[0]?.mode, "client");
  });

  it("breaks client mode when the router does not route the replies of the server to SPS", async () => {
    // Without this rule the client would reset the stray reply, and the first rule would redirect the reset.
    const dropResets = ["OUTPUT", "-p", "tcp", "--tcp-flags", "RST", "RST", "-j", "DROP"];
    await network.exec("client", ["iptables", "-w", "10", "-A", ...dropResets]);
    await router("iptables -w 10 -t mangle -D SPS-REDIRECT 2\n");
    await network.setAddressMode("client");
    try {
      await assert.rejects(network.connectFromClient("10.0.0.5", 3389, { timeoutSeconds: 1.5 }), { code: "ETIMEDOUT" });
    } finally {
      await network.setAddressMode("own");
      await network.exec("client", ["iptables", "-w", "10", "-D", ...dropResets]);
    }
  });

  it("breaks the redirection under strict reverse-path filtering", async () => {
    await router("echo 1 >/proc/sys/net/ipv4/conf/rsps/rp_filter\n");
    await assert.rejects(network.connectFromClient("10.0.0.5", 3389, { timeoutSeconds: 0.5 }), { code: "ETIMEDOUT" });
    await router("echo 2 >/proc/sys/net/ipv4/conf/rsps/rp_filter\n");
    assert.equal((await network.connectFromClient("10.0.0.5", 3389)).peerSeenByServer, "172.16.9.2");
  });

  it("refuses redirected connections while the ports of the relay are closed", async () => {
    await network.setRelayServing(false);
    await assert.rejects(network.connectFromClient("10.0.0.5", 3389), { code: "ECONNREFUSED" });
    await network.setRelayServing(true);
    assert.equal((await network.connectFromClient("10.0.0.5", 3389)).peerSeenByServer, "172.16.9.2");
  });

  it("records ECONNREFUSED of the server and resets the client", async () => {
    await network.exec("server", [
      "sh",
      "-c",
      "iptables -w 10 -A INPUT -p tcp --dport 3389 -j REJECT --reject-with tcp-reset",
    ]);
    await assert.rejects(network.connectFromClient("10.0.0.5", 3389), { code: "ECONNRESET" });
    await network.exec("server", ["iptables", "-w", "10", "-F", "INPUT"]);
    const last = (await network.auditRecords()).at(-1);
    assert.equal(last?.end?.error, "ECONNREFUSED");
    assert.equal(last?.end?.bytesFromServer, 0);
  });

  it("relays both directions of an open connection and counts the bytes at its end", async () => {
    const session = await network.openFromClient("10.0.0.5", 3389);
    assert.equal(session.peerSeenByServer, "172.16.9.2");
    await session.ping();
    await session.ping();
    assert.equal((await network.auditRecords()).at(-1)?.end, undefined);
    await session.close();
    const greeting = JSON.stringify({ address: "172.16.9.2", port: session.peerPortSeenByServer }).length + 1;
    const limit = performance.now() + 2000;
    let end = (await network.auditRecords()).at(-1)?.end;
    while (end === undefined && performance.now() < limit) end = (await network.auditRecords()).at(-1)?.end;
    assert.equal(end?.bytesFromClient, 10);
    assert.equal(end?.bytesFromServer, greeting + 10);
    assert.equal(end?.error, undefined);
  });

  it("writes one audit record for each of 40 connections in a loop", async () => {
    const before = (await network.auditRecords()).length;
    const attempts = await network.connectRepeatedly("10.0.0.5", 3389, { seconds: 5, attempts: 40 });
    assert.equal(attempts.length, 40);
    assert.deepEqual(
      attempts.map((attempt) => attempt.connected && attempt.peerSeenByServer),
      Array(40).fill("172.16.9.2"),
    );
    assert.equal((await network.auditRecords()).length, before + 40);
  });

  it("bypasses SPS after the interface of the router flapped and lost its route", async () => {
    await network.setLink("rsps", "down");
    await network.setLink("rsps", "up");
    assert.equal(await router("ip -4 route show table 103\n"), "");
    assert.equal((await network.connectFromClient("10.0.0.5", 3389)).peerSeenByServer, "192.168.50.10");
    await router("ip -4 route replace default via 172.16.9.2 dev rsps table 103 proto 103\n");
    assert.equal((await network.connectFromClient("10.0.0.5", 3389)).peerSeenByServer, "172.16.9.2");
  });

  it("keeps the route as linkdown while the carrier is lost and recovers afterwards", async () => {
    await network.setLink("sps0", "down");
    assert.match(
      await router("ip -4 route show table 103\n"),
      /^default via 172\.16\.9\.2 dev rsps proto 103 (dead )?linkdown/,
    );
    await network.setLink("sps0", "up");
    assert.equal((await network.connectFromClient("10.0.0.5", 3389)).peerSeenByServer, "172.16.9.2");
  });

  it("leaves no zombie when a background process outlives its shell", async () => {
    await router("setsid sh -c 'sleep 0.1' </dev/null >/dev/null 2>&1 &\n");
    await new Promise((resolve) => setTimeout(resolve, 300));
    const states = await router("cat /proc/[0-9]*/stat | cut -d ' ' -f 3\n");
    assert.ok(!states.includes("Z"), states);
  });
});
