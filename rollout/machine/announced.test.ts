import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { planFor } from "../testing/simulation";
import { advance } from "./advance";
import { newState } from "./state";

describe("the change of a site", () => {
  it("gets what its check showed, with the fingerprint of the settings of its stack", () => {
    const state = newState({ ...planFor(1), acceptedJoins: 1 });
    const [check] = advance(state, { type: "started", at: 1000, by: "ada" });
    assert.equal(check?.phase, "check");
    const changes = [{ operation: "create", resource: "SppJoin oslo" }];
    const result = { outcome: "done", changes, settings: "0123456789abcdef" } as const;
    const run = { site: "site-0", phase: "check", attempt: 1, startedAt: 1000, worker: "w" } as const;
    const [change] = advance(state, { type: "finished", at: 2000, ...run, result });
    assert.equal(change?.phase, "apply");
    assert.deepEqual(change?.announced, { at: 2000, changes, settings: "0123456789abcdef" });
  });
});
