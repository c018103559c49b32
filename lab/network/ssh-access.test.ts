import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, type ConnectConfig } from "ssh2";
import { sshKeyPair } from "../common/ssh-keys";
import { LabNetwork } from "./network";

describe("SSH access to the router of the lab", function () {
  this.timeout(10_000);
  let network: LabNetwork;
  const directory = mkdtempSync(join(tmpdir(), "lab-ssh-"));
  const open: Client[] = [];

  before(async () => {
    network = await LabNetwork.start({ labName: "ssh", directory, managementAddress: "127.0.0.9" });
  });

  afterEach(() => {
    for (const client of open.splice(0)) client.destroy();
  });

  after(async () => {
    await network.stop();
    rmSync(directory, { recursive: true });
  });

  async function login(login: ConnectConfig = {}): Promise<Client> {
    const { address, port, username, privateKeyFile } = network.description.router;
    const client = new Client();
    open.push(client);
    const key = login.username === undefined ? { privateKey: readFileSync(privateKeyFile) } : {};
    await new Promise<void>((resolve, reject) => {
      client.once("ready", resolve).on("error", reject);
      client.connect({ host: address, port, username, ...key, ...login });
    });
    return client;
  }

  function command(client: Client, text: string): Promise<string> {
    return new Promise((resolve, reject) => {
      client.exec(text, (error, channel) => {
        if (error) return reject(error);
        let output = "";
        channel.on("data", (chunk: Buffer) => {
          output += chunk.toString();
        });
        channel.on("close", () => resolve(output));
      });
    });
  }

  it("logs in as root in the network of the router under the described host key", async () => {
    let presented = "";
    const client = await login({
      hostVerifier: (key: Buffer) => {
        presented = `ssh-ed25519 ${key.toString("base64")}`;
        return true;
      },
    });
    assert.equal(await command(client, "id -u; ls /sys/class/net"), "0\nlo\nrcli\nrmgt\nrsps\nrsrv\n");
    assert.equal(presented, network.description.router.hostKey);
    assert.equal(network.description.router.address, "127.0.0.9");
  });

  it("shows the router the management host as source of every login", async () => {
    assert.match(await command(await login(), "echo $SSH_CONNECTION"), /^172\.31\.255\.2 \d+ 172\.31\.255\.1 22\n$/);
  });

  it("delays the management path in both directions", async () => {
    const client = await login();
    await network.setDelay(60);
    try {
      const start = performance.now();
      await command(client, "true");
      // Opening the channel and running the command take one round trip each.
      const elapsed = performance.now() - start;
      assert.ok(elapsed >= 2 * 120, `${elapsed} ms`);
      const fresh = performance.now();
      await login();
      assert.ok(performance.now() - fresh >= 5 * 120, "a login takes at least five round trips");
    } finally {
      await network.setDelay(0);
    }
  });

  it("refuses a negative delay", async () => {
    await assert.rejects(network.setDelay(-1), {
      message: "Invalid value for milliseconds: -1. Allowed values are: 0 to 10000.",
    });
  });

  it("keeps open sessions while the SSH server stops and restarts", async () => {
    const session = await login();
    await network.stopSshd();
    await assert.rejects(login());
    assert.equal(await command(session, "echo alive"), "alive\n");
    await network.startSshd();
    await network.restartSshd();
    assert.equal(await command(await login(), "echo new"), "new\n");
    assert.equal(await command(session, "echo alive"), "alive\n");
  });

  it("refuses logins while the management link is down", async () => {
    await network.setLink("rmgt", "down");
    await assert.rejects(login({ readyTimeout: 500 }));
    await network.setLink("rmgt", "up");
    assert.equal(await command(await login(), "echo back"), "back\n");
  });

  it("accepts passwords only of added users", async () => {
    await assert.rejects(login({ username: "root", password: "anything" }), /All configured authentication methods/);
    await network.addRouterUser({ username: "operator", password: "correct horse" });
    await network.addRouterUser({ username: "toor", password: "battery staple", root: true });
    assert.equal(
      await command(await login({ username: "operator", password: "correct horse" }), "id -un"),
      "operator\n",
    );
    assert.equal(await command(await login({ username: "toor", password: "battery staple" }), "id -u"), "0\n");
    await assert.rejects(login({ username: "operator", password: "wrong" }), /All configured authentication methods/);
  });

  it("accepts the public key of an added user", async () => {
    const { private: privateKey, public: publicKey } = sshKeyPair();
    await network.addRouterUser({ username: "keyed", publicKey });
    assert.equal(
      await command(await login({ username: "keyed", privateKey }), "id -un; pwd"),
      "keyed\n/run/home/keyed\n",
    );
  });

  it("keeps files written on the router away from this machine", async () => {
    const name = `safeguard-lab-${process.pid}`;
    const files = [`/etc/${name}`, `/run/${name}`, `/var/log/${name}`];
    const client = await login();
    assert.equal(await command(client, `touch ${files.join(" ")} && ls ${files.join(" ")}`), `${files.join("\n")}\n`);
    assert.deepEqual(
      files.filter((file) => existsSync(file)),
      [],
    );
  });
});
