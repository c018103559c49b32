import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { hasUnknown, ifKnown, UNKNOWN } from "./unknown";

describe("unknown values", () => {
  it("finds unknown values at any depth and nowhere else", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.array(fc.oneof(fc.string(), fc.constant(0))), (value, path) => {
        assert.equal(hasUnknown(value), false);
        const wrap = (inner: unknown, step: string | number): unknown =>
          typeof step === "number" ? [value, inner] : { a: value, [`${step}x`]: inner };
        assert.equal(hasUnknown(path.reduce(wrap, UNKNOWN)), true);
        assert.equal(hasUnknown(path.reduce(wrap, value)), false);
      }),
    );
  });

  it("ifKnown returns nothing when any part is unknown", () => {
    const known = { a: [1, { b: null }] };
    assert.equal(ifKnown(known), known);
    assert.equal(ifKnown({ a: [1, { b: UNKNOWN }] }), undefined);
    assert.equal(ifKnown(undefined), undefined);
  });

  it("uses the same marker in every copy of the package", () => {
    assert.equal(UNKNOWN, Symbol.for("safeguard.unknown"));
  });
});
