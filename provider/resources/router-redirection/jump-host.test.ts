import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { sshKeyPair } from "../../../lab/common/ssh-keys";
import { rulesOf } from "../../../tests/support/planned-rules";
import { LabRouter } from "./lab-router.test";
import { routerRedirection as resource } from "./operations";

/** The router, where only its jump host reaches it: here that is the router itself, over its management address. */
const INNER = { address: "172.31.255.1", port: 22 };
const PASSPHRASE = "open the key sesame";

describe("RouterRedirection on a Linux router behind a jump host", function () {
  this.timeout(30_000);
  let router: LabRouter;

  before(async () => {
    router = await LabRouter.start("jump-router");
    await router.network.addRouterUser({ username: "jumper", password: "correct horse" });
    await router.network.addRouterUser({ username: "locked", password: "battery staple" });
    const noForwarding = "Match User locked\\nAllowTcpForwarding no\\n";
    await router.run(`printf '${noForwarding}' >>/run/safeguard-lab/sshd_config; kill -HUP $(cat /run/sshd.pid)`);
    await router.noteClean();
  });
  after(async () => {
    await router.stop();
  });

  function connection(parts: Record<string, unknown> = {}, outer: Record<string, unknown> = {}) {
    const { address, port, hostKey } = router.network.description.router;
    const jumpHost = { address, port, hostKey, username: "jumper", password: "correct horse", ...outer };
    return { router: { ...(router.raw().router as object), ...INNER, jumpHost, ...parts } };
  }

  const logins = async () =>
    Number(await router.run("grep -c 'Accepted password for jumper' /run/safeguard-lab/sshd.log || true"));

  it("creates, confirms, reads, updates and deletes a redirection through the jump host", async () => {
    const { hostKey } = router.network.description.router;
    const known = connection({ hostKey: undefined, knownHosts: `${INNER.address} ${hostKey}` });
    const inputs = await router.inputs(known);
    const before = await logins();
    const made = await resource.create(inputs, router.context());
    assert.equal(await logins(), before + 2, "one login for the work and one for the confirmation");
    assert.equal(await router.seenAs(), "sps");
    assert.equal(
      (await resource.read(made.id, made.state, router.context()))?.state.rules.join(),
      rulesOf(inputs).join(),
    );
    const { state } = await resource.update(
      made.id,
      made.state,
      await router.inputsWith({ ports: [8080] }, known),
      router.context(),
    );
    assert.equal(await router.seenAs(8080), "sps");
    await resource.delete(made.id, state, router.context());
    await router.assertClean();
  });

  it("names the host that refused the login, router or jump host, and the remedy", async () => {
    const { address, port } = router.network.description.router;
    const object = "router 172\\.31\\.255\\.1: log in over SSH: ";
    const jump = `jump host ${address}:${port} of ${object}`;
    const { public: strange } = sshKeyPair();
    const cases: [ReturnType<typeof connection>, string][] = [
      [
        connection({}, { hostKey: undefined }),
        `${jump}its host key is not known; it presents ssh-ed25519 AAAA\\S+; compare the key with the one on this host, then set hostKey to that line or add it to knownHosts \\[SG3002\\]`,
      ],
      [connection({ hostKey: strange }), `${object}its host key is not the pinned one; it presents .* \\[SG3003\\]`],
      [
        connection({}, { password: "hunter2" }),
        `${jump}user jumper was refused; correct the username, password, privateKey or agent of this host \\[SG3004\\]`,
      ],
      [
        connection({ port: 1 }),
        `${object.replace(": log", ":1: log")}no connection from the jump host to it \\(Connection refused\\); .* \\[SG3001\\]`,
      ],
      [
        connection({}, { username: "locked", password: "battery staple" }),
        `${jump}it refuses to forward the connection to the router \\(.+\\); allow the user to forward TCP connections to the router there .* \\[SG3013\\]`,
      ],
    ];
    for (const [parts, pattern] of cases) {
      await assert.rejects(resource.create(await router.inputs(parts), router.context()), (error: Error) => {
        assert.match(error.message, new RegExp(`^${pattern}$`));
        assert.doesNotMatch(error.message, /hunter2|battery|horse/);
        return true;
      });
    }
    await router.assertClean();
  });

  it("makes no router login when only the connection changes and the host key stays", async () => {
    const { id, state } = await resource.create(await router.inputs(connection()), router.context());
    const ways = [
      connection({}, { password: "new", passphrase: "new", privateKeyFile: "key" }),
      connection({ privateKeyFile: undefined, agent: true }, { address: "bastion.example" }),
      connection({ passphrase: "new", jumpHost: undefined }),
    ];
    await router.network.stopSshd();
    try {
      for (const way of ways) {
        const news = await router.inputs(way);
        const updated = await resource.update(id, state, news, router.context());
        assert.deepEqual(updated.state, { ...state, router: news.router });
        assert.deepEqual(
          resource.diff(id, updated.state, news).map(({ path }) => path),
          [],
        );
      }
    } finally {
      await router.network.startSshd();
    }
    await resource.delete(id, state, router.context());
  });

  it("logs in with an encrypted key and with the keys of an SSH agent", async () => {
    const { privateKeyFile } = router.network.description.router;
    const encrypted = `${privateKeyFile}.encrypted`;
    execFileSync("cp", ["-p", privateKeyFile, encrypted]);
    execFileSync("ssh-keygen", ["-q", "-p", "-a", "1", "-P", "", "-N", PASSPHRASE, "-f", encrypted], {
      stdio: "ignore",
    });
    const socket = `${privateKeyFile}.agent`;
    const said = execFileSync("ssh-agent", ["-s", "-a", socket], { encoding: "utf8" });
    try {
      const withKey = { privateKeyFile: encrypted, passphrase: PASSPHRASE };
      const withAgent = { privateKeyFile: undefined, agent: true, agentSocket: socket };
      const asKnown = (parts: Record<string, unknown>) => router.inputs(connection(parts));
      const read = async (parts: Record<string, unknown>) =>
        resource.read(id, { ...state, ...(await asKnown(parts)) }, router.context());
      const { id, state } = await resource.create(await asKnown(withKey), router.context());
      await assert.rejects(read({ ...withKey, passphrase: "hunter2" }), /with this passphrase; .*\[SG3005\]$/);
      await assert.rejects(read(withAgent), /the SSH agent at \S+ has no key; .*\[SG3012\]$/);
      execFileSync("ssh-add", ["-q", privateKeyFile], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
      assert.deepEqual((await read(withAgent))?.state.rules, state.rules);
      // More keys than the server allows attempts.
      for (let count = 0; count < 8; count += 1) {
        const other = `${privateKeyFile}.other${count}`;
        execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", `other ${count}`, "-f", other]);
        execFileSync("ssh-add", ["-q", other], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
      }
      execFileSync("ssh-add", ["-q", "-d", privateKeyFile], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
      execFileSync("ssh-add", ["-q", privateKeyFile], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
      await assert.rejects(read(withAgent), /the agent offered 9 keys; agentKey chooses one\); .*\[SG3004\]$/);
      const agentKey = execFileSync("ssh-keygen", ["-y", "-f", privateKeyFile], { encoding: "utf8" });
      assert.deepEqual((await read({ ...withAgent, agentKey }))?.state.rules, state.rules);
      await assert.rejects(read({ ...withAgent, agentKey: "SHA256:x" }), /has no key SHA256:x; it has .*\[SG3012\]$/);
      await resource.delete(id, state, router.context());
    } finally {
      process.kill(Number(/SSH_AGENT_PID=(\d+)/.exec(said)?.[1]));
    }
    await router.assertClean();
  });
});
