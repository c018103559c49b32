import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { approvalId } from "./approval-id";

describe("the id of what waits for approval", () => {
  const id = approvalId("branches.1", { wave: "europe", checks: { oslo: 1, rome: 1 } });

  it("is the same for the same checks in any order", () => {
    assert.match(id, /^[0-9a-f]{8}$/);
    assert.equal(approvalId("branches.1", { wave: "europe", checks: { rome: 1, oslo: 1 } }), id);
  });

  it("is another one for another rollout, wave, check, site and program", () => {
    const others = [
      approvalId("branches.2", { wave: "europe", checks: { oslo: 1, rome: 1 } }),
      approvalId("branches.1", { wave: "america", checks: { oslo: 1, rome: 1 } }),
      approvalId("branches.1", { wave: "europe", checks: { oslo: 2, rome: 1 } }),
      approvalId("branches.1", { wave: "europe", checks: { oslo: 1 } }),
      approvalId("branches.1", { fingerprint: "0123456789abcdef" }),
    ];
    assert.equal(new Set([id, ...others]).size, 6);
  });
});
