import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { hostname } from "node:os";
import { describe, it } from "mocha";
import { skipTests } from "../../tests/contract/skip";
import { areDead, isDead, lockMessage, locksIn } from "./state-lock";

const FIRST = "file:///state/.pulumi/locks/organization/p/s/0b.json: created by";
const SECOND = "file:///state/.pulumi/locks/organization/p/s/7c.json: created by";

/** The failure of a CLI that found locks with these holders. */
const failure = (...holders: string[]) =>
  `error: the stack is currently locked by ${holders.length} lock(s). Either wait for the other process(es) to end or delete the lock file with \`pulumi cancel\`.\n${holders
    .map((holder) => `  ${holder}\n`)
    .join("")}`;
const isCleared = (output: string) => {
  const locks = locksIn(output);
  assert.ok(locks);
  return areDead(locks);
};

/** The number of a process that has just ended, and the time before. */
async function deadProcess(): Promise<string> {
  const child = spawn(process.execPath, ["--version"]);
  await once(child, "close");
  return `(pid ${child.pid}) at ${new Date().toISOString()}`;
}

describe("the lock of a stack", () => {
  it("is read from the failure of the CLI, once also when the CLI repeats it", () => {
    const output = failure(`${FIRST} root@build-7 (pid 4711) at 2026-11-28T14:00:00Z`);
    const locks = { count: 1, holders: [{ host: "build-7", pid: 4711, since: Date.parse("2026-11-28T14:00:00Z") }] };
    assert.deepEqual(locksIn(output), locks);
    assert.deepEqual(locksIn(`${output}\ncode: 255\nstderr: ${output}`), locks);
    assert.equal(locksIn("error: something else"), undefined);
  });

  it("is read from the conflict that Pulumi Cloud reports, and is never taken for dead", () => {
    const output =
      "error: [409] Conflict: Another update is currently in progress.\nTo learn more about possible reasons and resolution, visit https://www.pulumi.com/docs/support/troubleshooting/common-issues/update-conflicts/";
    assert.deepEqual(locksIn(output), { count: 1, holders: [] });
    assert.equal(isCleared(output), false);
    assert.equal(locksIn("error: [409] Conflict: over stack limit"), undefined);
    assert.match(lockMessage("acme/p/oslo", output) ?? "", /^stack acme\/p\/oslo: lock: it is locked by a process/);
  });

  it("is read from the words of each DIY backend", () => {
    const locked = [
      "file:///state",
      "s3://bucket?endpoint=s3.example.com",
      "gs://bucket",
      "azblob://container",
      "postgres://db/pulumi",
    ];
    for (const backend of locked) {
      const output = failure(
        `${backend}/.pulumi/locks/organization/p/s/0b.json: created by root@build-7 (pid 4711) at 2026-11-28T14:00:00Z`,
      );
      assert.deepEqual(
        locksIn(output)?.holders.map(({ host, pid }) => [host, pid]),
        [["build-7", 4711]],
        backend,
      );
    }
  });

  it("is read when the user name has blanks, a domain or an @", () => {
    for (const user of ["CORP\\jane doe", "jane@corp.example", "Jörg Ö"]) {
      const output = failure(`${FIRST} ${user}@build-7 (pid 4711) at 2026-11-28T14:00:00+01:00`);
      const since = Date.parse("2026-11-28T13:00:00Z");
      assert.deepEqual(locksIn(output), { count: 1, holders: [{ host: "build-7", pid: 4711, since }] });
    }
  });

  it("is kept while its holder lives, whatever the user is called", () => {
    const own = `(pid ${process.pid}) at ${new Date().toISOString()}`;
    assert.equal(isCleared(failure(`${FIRST} CORP\\jane doe@${hostname()} ${own}`)), false);
  });

  it("is kept when its holder or one of several holders cannot be read", async () => {
    const dead = `${FIRST} root@${hostname()} ${await deadProcess()}`;
    assert.equal(isCleared(failure(dead)), true, "all are read and dead");
    assert.equal(isCleared(failure("in a form of a later version")), false);
    assert.equal(isCleared(failure(dead, "in a form of a later version")), false);
    const living = `${SECOND} root@${hostname()} (pid ${process.pid}) at ${new Date().toISOString()}`;
    assert.equal(isCleared(failure(dead, living)), false);
  });

  it("is dead only when this machine has no such process or a later one of its number", async () => {
    const own = { host: hostname(), pid: process.pid, since: Date.now() };
    assert.equal(isDead(own), false);
    assert.equal(isDead({ ...own, host: "another" }), false);
    assert.equal(isDead({ ...own, since: Number.NaN }), false);
    if (process.platform === "linux")
      assert.equal(isDead({ ...own, since: Date.now() - 86_400_000 }), true, "a later process");
    const child = spawn(process.execPath, ["--version"]);
    const since = Date.now();
    await new Promise((resolve) => child.once("close", resolve));
    assert.equal(isDead({ host: hostname(), pid: child.pid ?? 0, since }), true);
  });

  it("is kept while a Pulumi has its number, also when a set clock makes that look younger", async function () {
    if (process.platform !== "linux") return skipTests(this, "only Linux shows when processes start");
    const child = spawn("sh", ["-c", "echo; read line", "/opt/pulumi"], { stdio: ["pipe", "pipe", "ignore"] });
    try {
      await once(child.stdout, "data");
      const lock = { host: hostname(), pid: child.pid ?? 0, since: Date.now() - 3_600_000 };
      assert.equal(isDead(lock), false);
      assert.equal(isDead({ ...lock, pid: process.pid, since: Date.now() - 86_400_000 }), true);
    } finally {
      child.kill("SIGKILL");
    }
  });

  it("is kept while its holder lives in another PID namespace with the same host name", async function () {
    // Its number inside is another one than outside.
    const program = "echo 30000 > /proc/sys/kernel/ns_last_pid; sleep 60 & echo $!; wait";
    const child = spawn("unshare", ["--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c", program]);
    try {
      const [text] = await Promise.race([once(child.stdout, "data"), once(child, "close")]);
      const pid = Number(String(text));
      if (pid !== 30_001) return skipTests(this, "the kernel or its policy refuses PID namespaces");
      assert.equal(isDead({ host: hostname(), pid, since: Date.now() }), false);
    } finally {
      child.kill("SIGKILL");
    }
  });

  it("has a message with a remedy also when its holder is not known", () => {
    assert.equal(
      lockMessage("oslo", failure("in a form of a later version")),
      "stack oslo: lock: it is locked by a process that Pulumi's message does not name; wait for its end, or run pulumi cancel --stack oslo if it is dead",
    );
  });
});
