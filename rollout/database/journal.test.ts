import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { jsonOf } from "./journal";

describe("the journal of a rollout", () => {
  it("stores an event whose text PostgreSQL would refuse, with the rest of it as it is", () => {
    const reason = "a\0b \ud83d c \udc4d d \u{1f44d} e";
    const event = { type: "paused", at: 1, by: "ada", reason } as const;
    assert.deepEqual(JSON.parse(jsonOf(event)), { ...event, reason: "a\ufffdb \ufffd c \ufffd d \u{1f44d} e" });
  });
});
