import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { largestPacket } from "./packet-size";
import type { EchoResult } from "./paths";

/** A path that carries packets up to a size, and loses the echo requests with these numbers, counted from 1. */
function pathOf(carried: number, otherwise: EchoResult, ...losses: number[]) {
  const sent: number[] = [];
  const echo = async (bytes: number): Promise<EchoResult> => {
    if (losses.includes(sent.push(bytes))) return "lost";
    return bytes <= carried ? "answered" : otherwise;
  };
  return { sent, echo };
}

describe("the largest packet of a path", () => {
  it("takes two echo requests where all packets fit", async () => {
    const { sent, echo } = pathOf(1500, "lost");
    assert.deepEqual(await largestPacket(echo), { bytes: 1500 });
    assert.deepEqual(sent, [64, 1500]);
  });

  for (const losses of [[1], [2], [2, 4], [1, 2, 4]]) {
    it(`is found although the echo requests ${losses.join(", ")} get lost by chance`, async () => {
      assert.deepEqual(await largestPacket(pathOf(1500, "lost", ...losses).echo), { bytes: 1500 });
    });
  }

  it("is smaller than packets that get lost three times while small ones arrive", async () => {
    const { sent, echo } = pathOf(1420, "lost");
    assert.deepEqual(await largestPacket(echo), { bytes: 1420, larger: "lost" });
    assert.deepEqual(sent, [64, 1500, 64, 1500, 64, 1500, 64, 1420]);
    assert.deepEqual(await largestPacket(pathOf(64, "lost").echo), { bytes: 64, larger: "lost" });
  });

  it("is told after one echo request that is refused", async () => {
    const { sent, echo } = pathOf(1400, "refused", 3);
    assert.deepEqual(await largestPacket(echo), { bytes: 1400, larger: "refused" });
    assert.deepEqual(sent, [64, 1500, 1420, 64, 1420, 1400]);
  });

  it("is not measured where small packets get lost too, or none is answered", async () => {
    await assert.rejects(largestPacket(pathOf(1500, "lost", 2, 3).echo), /^Error: small packets get lost too/);
    const { sent, echo } = pathOf(0, "lost");
    await assert.rejects(largestPacket(echo), /^Error: it does not answer to ping$/);
    assert.deepEqual(sent, [64, 64, 64]);
  });

  it("sends nothing that the sender's own interface does not carry", async () => {
    const { sent, echo } = pathOf(1400, "lost");
    assert.deepEqual(await largestPacket(echo, 1400), { bytes: 1400, larger: "refused" });
    assert.deepEqual(sent, [64, 1400]);
  });
});
