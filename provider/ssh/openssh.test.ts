import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sshKeyPair } from "../../lab/common/ssh-keys";
import { LabNetwork } from "../../lab/network/network";
import { operationContext } from "../core/context";
import { dial } from "./dial";
import type { SshFailure, SshTarget } from "./target";

describe("connections to an OpenSSH server with its own limits", function () {
  this.timeout(60_000);
  const { signal } = operationContext();
  const directory = mkdtempSync(join(tmpdir(), "openssh-"));
  let network: LabNetwork;

  before(async () => {
    network = await LabNetwork.start({ labName: "openssh", directory });
  });
  after(async () => {
    await network.stop();
    rmSync(directory, { recursive: true });
  });

  function target(parts: Partial<SshTarget> = {}): SshTarget {
    const { address, port, username, hostKey, privateKeyFile } = network.description.router;
    const privateKey = readFileSync(privateKeyFile, "utf8");
    return { address, port, username, hostKey, privateKey, insecureSkipVerify: false, dialLimitSeconds: 20, ...parts };
  }

  /** How many lines of the server's log match. */
  async function logged(pattern: string): Promise<number> {
    const { stdout } = await network.exec("router", ["grep", "-c", pattern, "/run/safeguard-lab/sshd.log"]);
    return Number(stdout);
  }

  async function logInAtOnce(count: number): Promise<void> {
    const attempts = Array.from({ length: count }, async () => (await dial(target(), signal)).close());
    const failures = (await Promise.allSettled(attempts)).filter(({ status }) => status === "rejected");
    assert.deepEqual(failures, []);
  }

  it("completes many logins at once, and the server drops none of them", async () => {
    await logInAtOnce(40);
    assert.equal(await logged("past MaxStartups"), 0);
  });

  it("completes many logins although the busy server drops some of them", async () => {
    const { address, port } = network.description.router;
    const others: Socket[] = [];
    try {
      for (let index = 0; index < 14; index += 1) others.push(connect(port, address).on("error", () => undefined));
      await Promise.all(others.map((socket) => new Promise((resolve) => socket.once("data", resolve))));
      await logInAtOnce(20);
      assert.ok((await logged("past MaxStartups")) > 0);
    } finally {
      for (const socket of others) socket.destroy();
    }
  });

  it("does not retry a login after a refused credential", async () => {
    await network.addRouterUser({ username: "operator", password: "correct horse" });
    const wrong = target({ username: "operator", privateKey: undefined, password: "battery staple" });
    await assert.rejects(dial(wrong, signal), ({ kind }: SshFailure) => kind === "login-refused");
    assert.equal(await logged("Failed password for operator"), 1);
  });

  it("skips a banner, logs in with key and password, and reports too many attempts", async () => {
    const { public: publicKey, private: privateKey } = sshKeyPair();
    await network.addRouterUser({ username: "both", password: "open sesame", publicKey });
    await network.addRouterUser({ username: "few", password: "open sesame" });
    const more = `cat >>/run/safeguard-lab/sshd_config <<'END'
Match User both
AuthenticationMethods publickey,password
Banner /etc/hostname
Match User few
MaxAuthTries 2
END
kill -HUP $(cat /run/sshd.pid)`;
    assert.equal((await network.exec("router", ["sh", "-s"], { input: more })).status, 0);
    const both = target({ username: "both", privateKey, password: "open sesame" });
    const connection = await dial(both, signal, { firstCommand: "sh -s" });
    const shell = await connection.openShell("sh -s");
    assert.equal((await shell.run("id -un", { limitSeconds: 5, signal })).stdout, "both\n");
    connection.close();

    const refused = async (parts: Partial<SshTarget>) =>
      await dial(target({ privateKey, password: "battery staple", ...parts }), signal).catch(({ message }) => message);
    assert.equal(await refused({ username: "both" }), "user both was refused");
    const enough = "user few was refused: the server allows no further key or password";
    assert.equal(await refused({ username: "few" }), enough);
  });
});
