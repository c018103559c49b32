import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { reportIn, whyNone } from "./doctor";

describe("what doctor printed for a gate", () => {
  it("is a report with sites", () => {
    assert.deepEqual(reportIn('{"sites": []}'), { sites: [] });
    for (const other of ["", "no", "null", "[]", '{"error": {"message": "no stack"}}']) {
      assert.equal(reportIn(other), undefined, other);
    }
  });

  it("tells why there is none, also as JSON", () => {
    assert.equal(whyNone('{"error": {"code": "SG1", "message": "no stack oslo"}}', "progress"), "no stack oslo");
    assert.equal(whyNone("", "error: unknown option '--session-seconds'\n"), "unknown option '--session-seconds'");
  });
});
