import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { MarkedOutput } from "./marked-output";

const MARKER = "@@0123456789abcdef01";

/** Output may look like the beginning of a mark, and never contains a whole one. */
const CUT_MARKER = MARKER.slice(0, -1);

/** Gives a text to a stream in pieces of these sizes, and takes every finished segment. */
function segmentsOf(text: string, sizes: readonly number[], hasStatus: boolean): [string, number][] {
  const output = new MarkedOutput(MARKER, hasStatus);
  let from = 0;
  for (let index = 0; from < text.length; index += 1) {
    const to = from + (sizes[index % sizes.length] ?? 1);
    output.append(text.slice(from, to));
    from = to;
  }
  return Array.from({ length: output.count }, () => output.take()).map((one) => [one?.text ?? "", one?.status ?? 0]);
}

describe("the marked output of a shell", () => {
  it("is cut at the marks, in whatever pieces it arrives", () => {
    const text = fc.array(fc.constantFrom("a", "\n", "@@", CUT_MARKER, " 7", `\n${CUT_MARKER}`), { maxLength: 8 });
    const part = text.map((words) => words.join(""));
    const parts = fc.array(fc.record({ text: part, status: fc.nat(255) }), { maxLength: 4 });
    const sizes = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(part, parts, sizes, fc.boolean(), (before, scripts, pieces, hasStatus) => {
        const end = (status: number) => `\n${MARKER}${hasStatus ? ` ${status}` : ""}\n`;
        const whole = `${before}\n${MARKER}\n${scripts.map(({ text: said, status }) => said + end(status)).join("")}rest`;
        const expected = scripts.map(({ text: said, status }) => [said, hasStatus ? status : Number.NaN]);
        assert.deepEqual(segmentsOf(whole, pieces, hasStatus), expected);
      }),
    );
  });

  it("keeps the beginning and the end of a long text and notes how much is cut", () => {
    const output = new MarkedOutput(MARKER, false);
    output.append(`\n${MARKER}\nfirst`);
    for (let count = 0; count < 100; count += 1) {
      output.append("x".repeat(1000));
      output.cutMiddle(1000);
      assert.ok(output.length < 3100, `${output.length} characters`);
    }
    output.append(`last\n${MARKER}\n`);
    assert.match(output.take()?.text ?? "", /^firstx+\n… \([\d,]+ characters cut\)\n[\s\S]*xlast$/);
    assert.equal(output.length, 0);
  });
});
