import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { RouterConnection } from "../../../core/connection";
import { operationContext } from "../../../core/context";
import { type RemoteShell, type ScriptResult, ShellFailure } from "../../../ssh/shell";
import { SshFailure } from "../../../ssh/target";
import { LOCKED } from "../scripts/opening-script";
import { confirm } from "./confirm";
import { loginError } from "./connect";
import { ShellSession } from "./shell-session";
import { sshTarget } from "./ssh-target";

const OBJECT = "router 10.0.0.1";
const ROUTER = {
  ...{ address: "10.0.0.1", port: 22, username: "root", agent: false, insecureSkipVerify: false },
  knownHostsFile: "/path/to/file",
} as RouterConnection;

/** A session whose shell gives these answers in turn: an output, or a failure. */
function session(...answers: (string | ShellFailure)[]): ShellSession {
  const run = async (): Promise<ScriptResult> => {
    const answer = answers.shift() ?? assert.fail("no further script is expected");
    if (answer instanceof ShellFailure) throw answer;
    return { status: 0, stdout: answer, stderr: "" };
  };
  const noLogin = () => Promise.reject(new Error("no new login is expected"));
  return ShellSession.open({ run } as unknown as RemoteShell, OBJECT, operationContext(), noLogin);
}

describe("a session on a router", () => {
  it("reports a script that reaches its limit", async () => {
    await assert.rejects(session(LOCKED, new ShellFailure("too-slow", "")).run("true", "read the router"), {
      code: "SG3008",
      message: /^router 10\.0\.0\.1: read the router: the shell was too slow; /,
    });
  });

  it("reports a script that writes too much", async () => {
    await assert.rejects(session(LOCKED, new ShellFailure("too-long", "")).run("true", "read the router"), {
      code: "SG3015",
      message: /^router 10\.0\.0\.1: read the router: the shell wrote more than 32 MB; /,
    });
  });

  it("reports a login without a POSIX shell", async () => {
    const ended = new ShellFailure("ended", "This service allows sftp connections only.");
    await assert.rejects(session(ended, ended).run("true", "read the router"), {
      code: "SG3009",
      message: /^router 10\.0\.0\.1: open a root shell: This service allows sftp connections only; /,
    });
  });

  it("reports Clish as login shell with the platform for it", async () => {
    const answer = "CLINFR0771  Config lock is owned by admin.\nCLINFR0329  Invalid command:'sh -c'.";
    const ended = new ShellFailure("ended", "", undefined, answer);
    await assert.rejects(session(ended, ended).run("true", "read the router"), {
      code: "SG3009",
      message:
        "router 10.0.0.1: open a root shell: its login shell is Clish of a Check Point gateway, which answered CLINFR0771; set platform to check-point, which uses policy-based routing of Gaia, or give the user bash as login shell for Linux rules in expert mode [SG3009]",
    });
  });

  it("reports the run that holds the router's lock", async () => {
    await assert.rejects(session("the lock is held by process 4711", "").run("true", "read the router"), {
      code: "SG3010",
      message: /^router 10\.0\.0\.1: wait for other runs: the lock is held by process 4711; /,
    });
  });

  it("reports a host without an SSH algorithm in common", () => {
    const failure = new SshFailure(
      "no-common-algorithm",
      "the server has no MAC in common with this program: it offers hmac-md5 (MACs); this program has hmac-sha2-256",
    );
    const { code, message } = loginError(ROUTER, failure);
    assert.equal(code, "SG3016");
    assert.match(message, /^router 10\.0\.0\.1: log in over SSH: the server has no MAC in common .*; allow one of the/);
  });

  it("reports a revoked host key with the key", () => {
    const presented = "ssh-ed25519 AAAAC3Nz";
    const error = loginError(ROUTER, new SshFailure("revoked-host-key", "its host key is revoked", { presented }));
    assert.equal(error.code, "SG3011");
    assert.match(
      error.message,
      /^router 10\.0\.0\.1: log in over SSH: its host key is revoked; it presents ssh-ed25519 /,
    );
  });

  it("reports a file of known hosts that cannot be read", async () => {
    await assert.rejects(sshTarget(ROUTER), {
      code: "SG3014",
      message: /^router 10\.0\.0\.1: read the known hosts: file \/path\/to\/file cannot be read \(ENOENT: .*\); /,
    });
  });

  it("reports changes that no connection could confirm or roll back", async () => {
    const unreachable = () => Promise.reject(new Error("no route to host"));
    const guard = { object: OBJECT, runGuard: unreachable, runGuardOnNewLogin: unreachable };
    // The commit window and the grace of the router are over.
    const window = { protection: { token: "0123456789ab", windowSeconds: 1 }, armedAt: performance.now() - 7000 };
    const trial = { tries: [], waitSeconds: 0 };
    const ending = await confirm(
      guard,
      window as unknown as Parameters<typeof confirm>[1],
      trial as unknown as Parameters<typeof confirm>[2],
      operationContext(),
    );
    assert.ok("failure" in ending);
    assert.equal(ending.failure.code, "SG3308");
    assert.match(
      ending.failure.message,
      /: no new login after the changes: the commit window has expired; wait until /,
    );
  });
});
