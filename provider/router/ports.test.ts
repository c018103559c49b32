import assert from "node:assert/strict";
import fc from "fast-check";
import { arePortsOverlapping, canonicalPorts, type Port, portRange, portRanges, splitPorts } from "./ports";

const port = fc.integer({ min: 1, max: 65535 });
const range = fc
  .uniqueArray(port, { minLength: 2, maxLength: 2 })
  .map((ends) => ends.sort((left, right) => left - right))
  .map(([first, last]) => `${first}-${last}`);
const ports = fc.array(fc.oneof(port, range) as fc.Arbitrary<Port>, { minLength: 1, maxLength: 40 });

/** Every port of a small world, so that sets can be compared. */
function members(list: readonly Port[]): Set<number> {
  const all = new Set<number>();
  for (const { first, last } of portRanges(list)) for (let one = first; one <= last; one += 1) all.add(one);
  return all;
}

describe("the port functions", () => {
  it("accepts only a port or an ascending port range", () => {
    assert.deepEqual(portRange(22), { first: 22, last: 22 });
    assert.deepEqual(portRange("5900-5910"), { first: 5900, last: 5910 });
    const wrong = [0, 65536, 1.5, Number.NaN, "22", "5910-5900", "22-22", "0-5", "1-65536", "01-5", "1-5,7", "", null];
    for (const value of wrong) assert.equal(portRange(value), undefined, String(value));
  });

  it("sorts ports, drops duplicates and joins ranges that overlap, but not adjacent ones", () => {
    assert.deepEqual(canonicalPorts([3389, 22, 22]), [22, 3389]);
    assert.deepEqual(canonicalPorts([22, 23]), [22, 23]);
    assert.deepEqual(canonicalPorts(["20-30", 25, "28-40"]), ["20-40"]);
  });

  it("keeps the same set of ports in canonical form for every order", () => {
    const small = fc.oneof(
      fc.integer({ min: 1, max: 300 }),
      fc
        .tuple(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 100 }))
        .map(([first, length]) => `${first}-${first + length}`),
    ) as fc.Arbitrary<Port>;
    fc.assert(
      fc.property(fc.array(small, { minLength: 1 }), (list) => {
        const canonical = canonicalPorts(list);
        assert.deepEqual([...members(canonical)].sort(), [...members(list)].sort());
        assert.deepEqual(canonicalPorts([...list].reverse()), canonical);
        assert.deepEqual(canonicalPorts(canonical), canonical);
      }),
    );
  });

  it("finds port overlaps in both directions, exactly when both contain a port", () => {
    const small = fc.array(fc.integer({ min: 1, max: 20 }) as fc.Arbitrary<Port>, { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(small, small, (left, right) => {
        const common = [...members(left)].some((one) => members(right).has(one));
        assert.equal(arePortsOverlapping(left, right), common);
        assert.equal(arePortsOverlapping(right, left), common);
      }),
    );
    assert.equal(arePortsOverlapping(["5900-5910"], [5905]), true);
    assert.equal(arePortsOverlapping(["5900-5910"], [5911]), false);
  });

  it("splits ports into parts that fit, without loss and in order", () => {
    fc.assert(
      fc.property(ports, (list) => {
        const parts = splitPorts(list, 15);
        assert.deepEqual(parts.flat(), portRanges(list));
        for (const part of parts) {
          const slots = part.reduce((sum, { first, last }) => sum + (first === last ? 1 : 2), 0);
          assert.ok(slots >= 1 && slots <= 15);
        }
      }),
    );
    const singles = Array.from({ length: 16 }, (_, index) => index + 1);
    assert.deepEqual(
      splitPorts(singles, 15).map((part) => part.length),
      [15, 1],
    );
  });
});
