import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, it } from "mocha";
import { planFor, Simulation } from "../../rollout/testing/simulation";
import { decisionsIn, locksTakenAway, statesUnlikeHistory } from "./by-hand";
import { StubCli } from "./stub/stub-cli";

describe("what was done to a rollout by hand", () => {
  it("is a retry, and no approval", () => {
    const rollout = new Simulation(
      planFor(2, { onFailure: "hold", waves: [{ name: "all", rest: true, approval: true }] }),
    );
    rollout.finish("site-0", { outcome: "failed", message: "unplugged" });
    rollout.finish("site-1");
    assert.equal(decisionsIn(rollout.events), 0);
    rollout.operator("retried", "site-0");
    assert.equal(decisionsIn(rollout.events), 1);
    rollout.finish("site-0");
    rollout.operator("approved");
    rollout.finishAll();
    assert.equal(rollout.state.status, "done");
    assert.equal(decisionsIn(rollout.events), 1);
  });

  it("is every other decision that helps a rollout, and not the resume after a pause", () => {
    const types = ["paused", "resumed", "skipped", "frozen", "unfrozen", "cancelled"] as const;
    const events = types.map((type) => ({ type, at: 0, by: "ada", reason: "test", site: "oslo" }));
    assert.equal(decisionsIn(events), 5);
  });

  it("is a lock that its CLI has not removed", () => {
    assert.equal(locksTakenAway(["take oslo", "take rome", "free oslo", "take oslo"], ["oslo", "rome"]), 0);
    assert.equal(locksTakenAway(["take oslo", "take oslo", "free oslo"], []), 1, "the next one could take it");
    assert.equal(locksTakenAway(["take oslo", "take rome"], ["rome"]), 1, "it is gone at the end");
    assert.equal(locksTakenAway(["free oslo", "take oslo", "free oslo", "free oslo"], []), 0, "kills before a note");
  });

  it("is found in the notes of the stub CLI when a lock that a killed CLI left is deleted", () => {
    // Nothing listens there, so that the CLI ends while it holds its lock.
    const cli = new StubCli("http://127.0.0.1:9", 1, 1);
    const pulumi = (command: string) => spawnSync("pulumi", [command, "--stack", "site-0"], { stdio: "ignore" });
    try {
      pulumi("up");
      pulumi("cancel");
      pulumi("up");
      assert.deepEqual(cli.locks(), ["site-0"]);
      assert.equal(cli.locksTakenAway(), 0);
      for (const lock of cli.locks()) rmSync(join(dirname(cli.file), "locks", lock));
      assert.equal(cli.locksTakenAway(), 1);
    } finally {
      cli.close();
    }
  });

  it("is a state that differs from Pulumi's copy of it in the history", () => {
    const backend = mkdtempSync(join(tmpdir(), "by-hand-"));
    const write = (file: string, text: string) => {
      mkdirSync(dirname(join(backend, ".pulumi", file)), { recursive: true });
      writeFileSync(join(backend, ".pulumi", file), text);
    };
    try {
      for (const [time, text] of [
        ["1795972809", "first"],
        ["1795972828", "second"],
      ])
        write(`history/farm/oslo/oslo-${time}.checkpoint.json`, text ?? "");
      write("stacks/farm/oslo.json", "second");
      write("stacks/farm/rome.json", "never changed");
      assert.deepEqual(statesUnlikeHistory(backend), []);
      write("stacks/farm/oslo.json", "edited");
      assert.deepEqual(statesUnlikeHistory(backend), ["farm/oslo.json"]);
    } finally {
      rmSync(backend, { recursive: true });
    }
  });
});
