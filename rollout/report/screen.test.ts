import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { fitted } from "./screen";

describe("a table that is drawn again on a terminal", () => {
  const lines = ["rollout", "", "x".repeat(25), "wave", "spp"];

  it("is shown whole where it fits, with a row for the cursor", () => {
    // The long line takes three rows of ten characters.
    assert.deepEqual(fitted(lines, { rows: 8, columns: 10 }), lines);
  });

  it("ends with how much does not fit, in a row or more of its own", () => {
    const more = (count: number) => `… and ${count} more lines; make the window taller, or run: rollout status`;
    assert.deepEqual(fitted([...lines, "site"], { rows: 6, columns: 80 }), [...lines.slice(0, 4), more(2)]);
    // At 40 columns, the last line takes two rows.
    assert.deepEqual(fitted([...lines, "site"], { rows: 6, columns: 40 }), [...lines.slice(0, 3), more(3)]);
  });
});
