import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LabNetwork } from "../../lab/network/network";
import { operationContext } from "../core/context";
import { dial } from "./dial";
import { SshFailure, type SshTarget } from "./target";

/** A second OpenSSH server on the router, with a host key of its own: what lies behind the jump host. */
const SECOND_SERVER = `
cd /run/safeguard-lab
ssh-keygen -q -t ed25519 -N '' -f second_key
sed -e '/^Port/d' -e 's/^ListenAddress.*/ListenAddress 172.31.255.1:2022/' -e 's/host_key$/second_key/' -e 's/sshd.pid/second.pid/' sshd_config >second_config
"$(command -v sshd || echo /usr/sbin/sshd)" -f /run/safeguard-lab/second_config -E /run/safeguard-lab/second.log
cut -d ' ' -f 1,2 second_key.pub`;

describe("connections through a jump host", function () {
  this.timeout(30_000);
  const { signal } = operationContext();
  const directory = mkdtempSync(join(tmpdir(), "jump-"));
  let network: LabNetwork;
  let innerKey = "";
  let privateKey = "";

  before(async () => {
    network = await LabNetwork.start({ labName: "jump", directory });
    await network.addRouterUser({ username: "jumper", password: "correct horse" });
    await network.addRouterUser({ username: "locked", password: "battery staple" });
    await run(
      "printf 'Match User locked\\nAllowTcpForwarding no\\n' >>/run/safeguard-lab/sshd_config; kill -HUP $(cat /run/sshd.pid)",
    );
    innerKey = (await run(SECOND_SERVER)).trim();
    privateKey = readFileSync(network.description.router.privateKeyFile, "utf8");
  });
  after(async () => {
    await network.stop();
    rmSync(directory, { recursive: true });
  });

  async function run(script: string): Promise<string> {
    const { status, stdout, stderr } = await network.exec("router", ["sh", "-s"], { input: script });
    assert.equal(status, 0, stderr);
    return stdout;
  }

  /** The second server, through the first one. */
  function target(inner: Partial<SshTarget> = {}, outer: Partial<SshTarget> = {}): SshTarget {
    const { address, port, hostKey } = network.description.router;
    const usual = { insecureSkipVerify: false };
    const jumpHost = { ...usual, address, port, hostKey, username: "jumper", password: "correct horse", ...outer };
    const server = { ...usual, address: "172.31.255.1", port: 2022, username: "root", privateKey, hostKey: innerKey };
    return { ...server, dialLimitSeconds: 10, jumpHost, ...inner };
  }

  async function failure(given: SshTarget): Promise<[boolean, string, string]> {
    const error: unknown = await dial(given, signal).then(
      (connection) => connection.close(),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof SshFailure, `expected a failure, got ${error}`);
    return [error.isOfJumpHost, error.kind, error.message];
  }

  const logins = async () =>
    Number(await run("grep -c 'Accepted password for jumper' /run/safeguard-lab/sshd.log || true"));

  /** Waits until nobody is logged in to the jump host any more. */
  async function awaitLoggedOut(): Promise<void> {
    await run(
      "n=0; while pgrep -f '^sshd: (jumper|root)' >/dev/null; do n=$((n+1)); [ $n -lt 100 ] || exit 1; sleep 0.05; done",
    );
  }

  it("runs commands behind a jump host, the first one pipelined as without it", async () => {
    const connection = await dial(target(), signal, { firstCommand: "sh -s" });
    const shell = await connection.openShell("sh -s");
    const { stdout } = await shell.run("echo $SSH_CONNECTION", { limitSeconds: 5, signal });
    assert.match(stdout, /^172\.31\.255\.1 \d+ 172\.31\.255\.1 2022\n$/);
    connection.close();
    await awaitLoggedOut();
  });

  it("shares one login to a jump host until its last user ends, except to prove a login", async () => {
    const before = await logins();
    const all = await Promise.all(Array.from({ length: 20 }, () => dial(target(), signal)));
    assert.equal(await logins(), before + 1);
    all.push(await dial(target(), signal));
    assert.equal(await logins(), before + 1);
    all.push(await dial(target(), signal, { isProof: true }));
    assert.equal(await logins(), before + 2);
    for (const connection of all) connection.close();
    await awaitLoggedOut();
    (await dial(target(), signal)).close();
    assert.equal(await logins(), before + 3);
  });

  it("verifies the host keys of jump host and server, and names the one that failed", async () => {
    const { hostKey } = network.description.router;
    const wrong = "its host key is not the pinned one";
    assert.deepEqual(await failure(target({ hostKey })), [false, "wrong-host-key", wrong]);
    assert.deepEqual(await failure(target({}, { hostKey: innerKey })), [true, "wrong-host-key", wrong]);
    assert.deepEqual(await failure(target({ username: "nobody" })), [
      false,
      "login-refused",
      "user nobody was refused",
    ]);
    assert.deepEqual(await failure(target({}, { password: "wrong" })), [
      true,
      "login-refused",
      "user jumper was refused",
    ]);
    assert.deepEqual(await failure(target({ port: 1 })), [
      false,
      "unreachable",
      "no connection from the jump host to it (Connection refused)",
    ]);
    assert.equal((await failure(target({}, { port: 1 }))).slice(0, 2).join(), "true,unreachable");
    const [isOfJumpHost, kind, message] = await failure(target({}, { username: "locked", password: "battery staple" }));
    assert.deepEqual([isOfJumpHost, kind], [true, "forwarding-refused"]);
    assert.match(message, /^it refuses to forward the connection to the router \(.+\)$/);
    await awaitLoggedOut();
  });

  it("sends a wrong password once for all waiting logins, and retries dropped connections", async () => {
    const wrong = target({}, { password: "wrong" });
    const refused = "grep -c 'Failed password for jumper' /run/safeguard-lab/sshd.log || true";
    const before = Number(await run(refused));
    const failures = await Promise.allSettled(Array.from({ length: 50 }, () => dial(wrong, signal)));
    assert.ok(failures.every(({ status }) => status === "rejected"));
    assert.equal(Number(await run(refused)), before + 1);

    const { jumpHost, dialLimitSeconds } = target();
    assert.ok(jumpHost);
    const others = await dial({ ...jumpHost, dialLimitSeconds }, signal);
    await Promise.all(Array.from({ length: 14 }, () => others.forward("172.31.255.1", 2022)));
    const all = await Promise.all(Array.from({ length: 20 }, () => dial(target(), signal)));
    assert.ok(Number(await run("grep -c 'past MaxStartups' /run/safeguard-lab/second.log")) > 0);
    for (const connection of [others, ...all]) connection.close();
    await awaitLoggedOut();
  });

  it("ends at the limit or on cancel when the server never answers, and leaves nothing open", async () => {
    const silent = target({ address: "10.0.0.99", dialLimitSeconds: 0.8 });
    assert.deepEqual(await failure(silent), [false, "unreachable", "no login within 0.8 s"]);
    const abort = new AbortController();
    const attempt = dial({ ...silent, dialLimitSeconds: 20 }, abort.signal);
    setTimeout(() => abort.abort(new Error("cancelled by the user")), 300);
    await assert.rejects(attempt, /cancelled by the user/);
    await awaitLoggedOut();
  });

  it("starts a new login after the jump host was lost", async () => {
    const connection = await dial(target(), signal);
    const lost = new Promise<void>((resolve) => connection.onceEnded(resolve));
    await run("pkill -f '^sshd: jumper'");
    await lost;
    assert.equal(connection.isOpen, false);
    (await dial(target(), signal)).close();
    await awaitLoggedOut();
  });
});
