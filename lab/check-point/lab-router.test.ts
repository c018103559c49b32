import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TerminalClient } from "../command-line/terminal-client.test";
import { Lab } from "../lab";
import { LabNetwork } from "../network/network";
import { CheckPointRouter } from "./lab-router";

describe("a lab with a Check Point gateway", function () {
  this.timeout(60_000);

  it("describes the router beside the appliances, and stops it with the lab", async () => {
    const lab = await Lab.start({ name: `gaia-${process.pid}`, network: false, spsCount: 1, router: "check-point" });
    const { checkPoint } = lab.description;
    await lab.stop();
    assert.ok(checkPoint);
    const { port, password, expertPassword, hostKey, address, ...rest } = checkPoint;
    assert.match(address, /^127\./);
    assert.ok(port > 0 && password.length >= 12 && expertPassword.length >= 12 && hostKey.startsWith("ssh-ed25519 "));
    assert.deepEqual(rest, {
      username: "admin",
      clientInterface: "eth1",
      serverInterface: "eth2",
      spsInterface: "eth3",
      managementInterface: "Mgmt",
    });
  });

  it("routes packets as rules, static routes and interfaces say, once a rule has an action", async () => {
    const directory = mkdtempSync(join(tmpdir(), "gaia-"));
    const network = await LabNetwork.start({ labName: `gaia-${process.pid}`, directory });
    const router = await CheckPointRouter.start(network);
    const { device, server } = router;
    const terminal = await TerminalClient.open(
      { ...server, username: device.username, password: device.password },
      /gw-1> $/,
    );
    try {
      const seenAs = async () => (await network.connectFromClient("10.0.0.5", 3389)).peerSeenByServer;
      for (const line of [
        "set pbr table SPS static-route default nexthop gateway address 172.16.9.2 on",
        "set pbr rule priority 100 match from 192.168.50.0/24 to 10.0.0.0/24 interface eth1",
        "set pbr rule priority 100 match protocol tcp",
        "set pbr rule priority 100 match port 3389",
      ]) {
        await terminal.type(line);
      }
      assert.equal(await seenAs(), "192.168.50.10");
      await terminal.type("set pbr rule priority 100 action table SPS");
      assert.equal(await seenAs(), "172.16.9.2");
      await terminal.type("set pbr rule priority 99 match interface eth1");
      await terminal.type("set pbr rule priority 99 action main-table");
      assert.equal(await seenAs(), "192.168.50.10");
      await terminal.type("set pbr rule priority 99 off");
      assert.equal(await seenAs(), "172.16.9.2");
      const facts = async () => {
        const script = "ip -4 route show 10.77.0.0/16; ip -o link show rsps | grep -o 'mtu [0-9]*'";
        return (await network.exec("router", ["sh", "-c", script])).stdout.split("\n").map((line) => line.trim());
      };
      await terminal.type("set static-route 10.77.0.0/16 nexthop gateway address 172.16.9.2 on");
      await terminal.type("set interface eth3 mtu 1400");
      assert.deepEqual(await facts(), ["10.77.0.0/16 via 172.16.9.2 dev rsps metric 1", "mtu 1400", ""]);
      await device.reboot();
      assert.equal(await seenAs(), "192.168.50.10");
      assert.deepEqual(await facts(), ["mtu 1500", ""]);
    } finally {
      terminal.close();
      await router.stop();
      await network.stop();
      rmSync(directory, { recursive: true, force: true });
    }
  });
});
