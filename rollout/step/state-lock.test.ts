import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { hostname } from "node:os";
import { describe, it } from "mocha";
import { isDead, locksIn } from "./state-lock";

describe("the lock of a stack", () => {
  it("is read from the failure of the CLI", () => {
    const output = `error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the lock file with \`pulumi cancel\`.
  file:///state/.pulumi/locks/organization/p/s/0b.json: created by root@build-7 (pid 4711) at 2026-11-28T14:00:00Z`;
    assert.deepEqual(locksIn(output), [{ host: "build-7", pid: 4711, since: Date.parse("2026-11-28T14:00:00Z") }]);
    assert.equal(locksIn("error: something else"), undefined);
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
});
