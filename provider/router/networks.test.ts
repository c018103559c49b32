import assert from "node:assert/strict";
import fc from "fast-check";
import { addressRange, areNetworksOverlapping, canonicalNetworks, isCanonicalNetwork, isRoutable } from "./networks";

const network = fc
  .tuple(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.integer({ min: 1, max: 32 }))
  .map(([address, length]) => {
    const size = 2 ** (32 - length);
    const first = Math.floor(address / size) * size;
    return `${[24, 16, 8, 0].map((bits) => Math.floor(first / 2 ** bits) % 256).join(".")}/${length}`;
  });

describe("the network functions", () => {
  it("recognizes canonical networks by their form", () => {
    fc.assert(fc.property(network, (one) => assert.equal(isCanonicalNetwork(one), true)));
    const wrong = ["10.0.0.5/24", "10.0.0.0", "10.0.0.0/33", "010.0.0.0/24", "10.0.0.0/024", "fd00::/8", "10.0/16", 5];
    for (const value of wrong) assert.equal(isCanonicalNetwork(value), false, String(value));
  });

  it("finds network overlaps in both directions, exactly when one contains an end of the other", () => {
    fc.assert(
      fc.property(network, network, (left, right) => {
        const [one, other] = [addressRange(left), addressRange(right)];
        const isIn = (value: number, range: typeof one) => value >= range.first && value <= range.last;
        const expected = isIn(one.first, other) || isIn(other.first, one);
        assert.equal(areNetworksOverlapping(left, right), expected);
        assert.equal(areNetworksOverlapping(right, left), expected);
      }),
    );
  });

  it("reads a single address as a network of one", () => {
    assert.equal(areNetworksOverlapping("10.0.0.0/24", "10.0.0.255"), true);
    assert.equal(areNetworksOverlapping("10.0.0.0/24", "10.0.1.0"), false);
  });

  it("orders networks by address and not as text", () => {
    const given = ["10.0.10.0/24", "10.0.9.0/24", "9.0.0.0/8", "10.0.9.0/24", "10.0.0.0/8"];
    assert.deepEqual(canonicalNetworks(given), ["9.0.0.0/8", "10.0.0.0/8", "10.0.9.0/24", "10.0.10.0/24"]);
  });

  it("recognizes networks that are never routed, including wider ones", () => {
    for (const never of [
      "0.0.0.0/0",
      "127.0.0.0/8",
      "127.0.0.1",
      "224.0.0.0/24",
      "255.255.255.255",
      "0.0.0.0",
      "96.0.0.0/3",
    ]) {
      assert.equal(isRoutable(never), false, never);
    }
    for (const routable of ["10.0.0.0/8", "1.0.0.0/8", "126.0.0.0/8", "223.255.255.255", "192.168.1.1"]) {
      assert.equal(isRoutable(routable), true, routable);
    }
  });
});
