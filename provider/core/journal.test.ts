import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { PartialFailure } from "./errors";
import { Journal } from "./journal";

const failing = (message: string) => async () => {
  throw new Error(message);
};

describe("operation journal", () => {
  const state = { clusterId: "a" };

  it("returns a failure unchanged when no step was started", () => {
    const journal = new Journal();
    const error = new Error("unreachable");
    assert.equal(journal.hasSideEffects, false);
    assert.equal(journal.failure(error, "10.0.0.1", state), error);
  });

  it("returns the result of a step", async () => {
    assert.equal(await new Journal().step("promoted", async () => 7), 7);
  });

  it("reports the completed steps, the interrupted step and what happens next", async () => {
    const journal = new Journal();
    await journal.step("10.0.0.1: promoted", async () => undefined);
    await journal.step("10.0.0.1: roles search-local", async () => undefined);
    const error = new Error("answer lost");
    await assert.rejects(
      journal.step("10.0.0.2: joined the cluster", () => Promise.reject(error)),
      error,
    );
    const failure = journal.failure(error, "10.0.0.1", state);
    assert.ok(failure instanceof PartialFailure);
    assert.equal(failure.id, "10.0.0.1");
    assert.equal(failure.state, state);
    assert.equal(failure.cause, error);
    assert.equal(failure.message, "answer lost");
    assert.deepEqual(failure.reasons, [
      "answer lost",
      "done: 10.0.0.1: promoted; 10.0.0.1: roles search-local",
      "interrupted, outcome unknown: 10.0.0.2: joined the cluster",
      "the next pulumi up reads the appliances and continues from there",
    ]);
  });

  it("counts a started step as a side effect", async () => {
    const journal = new Journal();
    await assert.rejects(journal.step("promoted", failing("lost")));
    assert.equal(journal.hasSideEffects, true);
    const failure = journal.failure(new Error("lost"), "a", state);
    assert.ok(failure instanceof PartialFailure);
    assert.equal(failure.reasons[1], "done: nothing yet");
  });

  it("forgets a failed step that changed nothing", async () => {
    const journal = new Journal();
    await assert.rejects(journal.step("join request sent", failing("refused"), () => true));
    assert.equal(journal.hasSideEffects, false);
    await assert.rejects(journal.step("join request sent", failing("lost"), () => false));
    assert.equal(journal.hasSideEffects, true);
  });

  it("keeps concurrent steps apart", async () => {
    const journal = new Journal();
    await Promise.allSettled([
      journal.step("one", async () => undefined),
      journal.step("two", failing("refused"), () => true),
      journal.step("three", failing("lost")),
    ]);
    const failure = journal.failure(new Error("lost"), "a", state);
    assert.ok(failure instanceof PartialFailure);
    assert.deepEqual(failure.reasons.slice(1, 3), ["done: one", "interrupted, outcome unknown: three"]);
  });
});
