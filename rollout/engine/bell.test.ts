import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { Bell } from "./bell";

/** Far longer than a test may take. */
const LONG_MS = 600_000;

describe("the bell of rollouts", () => {
  it("ends a wait when it rings, and a later wait when it rang before", async () => {
    const bell = new Bell();
    const waiting = bell.wait("branches.1", LONG_MS);
    bell.ring("branches.1");
    await waiting;
    bell.ring("branches.1");
    await bell.wait("branches.1", LONG_MS);
  });

  it("does not end the wait of another rollout, nor a wait after the one that it ended", async () => {
    const bell = new Bell();
    bell.ring("branches.1");
    bell.ring("branches.1");
    await bell.wait("branches.1", LONG_MS);
    bell.ring("branches.2");
    const started = performance.now();
    await bell.wait("branches.1", 40);
    assert.ok(performance.now() - started > 35);
  });
});
