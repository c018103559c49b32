import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { printable, printableLine } from "./printable";

/** Ranges of code points that a terminal obeys or hides: controls, zero-width and bidirectional characters, tags, half characters. */
const HARMFUL: [number, number][] = [
  [0, 8],
  [0xb, 0x1f],
  [0x7f, 0x9f],
  [0xad, 0xad],
  [0x61c, 0x61c],
  [0x200b, 0x200f],
  [0x2028, 0x202e],
  [0x2060, 0x2064],
  [0x2066, 0x206f],
  [0xd800, 0xdfff],
  [0xfeff, 0xfeff],
  [0xe0001, 0xe007f],
];

function harmfulIn(text: string): string[] {
  const isHarmful = (code: number) => HARMFUL.some(([first, last]) => code >= first && code <= last);
  return [...text].filter((character) => isHarmful(character.codePointAt(0) ?? 0));
}

describe("printable text", () => {
  it("shows controls and bidirectional characters as escapes, and letters of every language as they are", () => {
    const cases = {
      "a\u001b[31mb\u0007\u009b": "a\\u001b[31mb\\u0007\\u009b",
      "user\u202enimda\u2069": "user\\u202enimda\\u2069",
      "tag \u{e0041}": "tag \\udb40\\udc41",
      "half \ud83d": "half \\ud83d",
      "שלום مرحبا Zoë 😀\tx": "שלום مرحبا Zoë 😀\tx",
      "two\r\nlines\rover": "two\nlines\\u000dover",
    };
    for (const [text, expected] of Object.entries(cases)) assert.equal(printable(text, 100), expected);
    assert.equal(printableLine(" two\r\n  lines\rover\u001b ", 100), "two lines over\\u001b");
  });

  it("cuts no character in half", () => {
    // Of 200 characters, 140 are kept; the 140th unit is the first half of a character.
    const cut = printable(`x${"😀".repeat(150)}`, 200);
    assert.doesNotMatch(cut, /\p{Cs}/u);
    assert.match(cut, /^x(😀){69}… \(/u);
  });

  it("notes how much of a long text is cut", () => {
    const text = "x".repeat(1_000_140);
    const note = "… (1,000,100 of 1,000,140 characters cut)";
    assert.equal(printable(text, 100), `${"x".repeat(40)}${note}`);
    assert.equal(printableLine(text, 100), `${"x".repeat(40)}${note}`);
    assert.equal(printable("x".repeat(100), 100), "x".repeat(100));
  });

  it("never exceeds the limit nor shows a harmful character, and changes nothing a second time", () => {
    const text = fc.string({ unit: "binary", maxLength: 200 });
    fc.assert(
      fc.property(text, fc.integer({ min: 80, max: 400 }), (given, limit) => {
        for (const show of [printable, printableLine]) {
          const once = show(given, limit);
          assert.ok(once.length <= limit);
          assert.deepEqual(harmfulIn(once), []);
          assert.equal(show(once, limit), once);
        }
        assert.doesNotMatch(printableLine(given, limit), /[\r\n]/);
      }),
    );
  });

  it("keeps the meaning of JSON text", () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: "binary" }), (json) => {
        assert.deepEqual(JSON.parse(printable(json, 1_000_000)), JSON.parse(json));
      }),
    );
  });
});
