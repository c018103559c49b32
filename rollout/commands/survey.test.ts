import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { SurveyedSite } from "../machine/survey";
import { EXIT } from "./session";
import { exitCodeOf } from "./survey";

const site = (outcome: SurveyedSite["outcome"], changes: SurveyedSite["changes"] = []): SurveyedSite => ({
  site: { name: "oslo", stack: "oslo", spp: "10.0.0.5", labels: {} },
  outcome,
  isNew: outcome === "absent",
  changes,
  messages: [],
});

describe("the exit code of rollout preview and rollout refresh", () => {
  it("is 2 when refresh finds a site that is not rolled out yet", () => {
    assert.equal(exitCodeOf("refresh", [site("done"), site("absent")]), EXIT.attention);
    assert.equal(exitCodeOf("refresh", [site("done")]), EXIT.fine);
  });

  it("is 1 for a site that could not be read, also beside one that is not rolled out yet", () => {
    assert.equal(exitCodeOf("refresh", [site("absent"), site("unreachable")]), EXIT.failed);
  });

  it("is 2 for drift, but not for the changes of a preview", () => {
    const changes = [{ operation: "update", resource: "SppJoin a" }];
    assert.equal(exitCodeOf("refresh", [site("done", changes)]), EXIT.attention);
    assert.equal(exitCodeOf("preview", [site("done", changes)]), EXIT.fine);
  });
});
