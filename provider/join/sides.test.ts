import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { SppStatus } from "./outputs";
import { driftOf, isKnownAs, ownNamesFor } from "./sides";

const NOW = Date.parse("2026-05-20T08:00:00Z");
const OWN = ["10.0.0.1", "sps1.example.com"];

const readings = (changes: Partial<SppStatus> = {}): { sppStatus: SppStatus } => ({
  sppStatus: {
    listed: true,
    trusted: true,
    connected: true,
    version: "8.0.0.21662",
    knownAs: OWN,
    certificateUserThumbprint: "A".repeat(40),
    certificateExpiresAt: "2028-01-01T00:00:00Z",
    ...changes,
  },
});

describe("drift of a join", () => {
  it("finds no drift while SPP knows a current name of the node and its certificate is valid", () => {
    for (const knownAs of [OWN, ["10.0.0.1"], ["SPS1.example.com"], ["sps1"], []]) {
      assert.deepEqual(driftOf(readings({ knownAs }), OWN, NOW), []);
    }
  });

  it("reports as drift that SPP knows the node only by outdated names", () => {
    assert.deepEqual(driftOf(readings({ knownAs: ["10.0.0.9", "sps9.example.com"] }), OWN, NOW), [
      "SPP knows the node as 10.0.0.9, sps9.example.com, and the node calls itself 10.0.0.1, sps1.example.com",
    ]);
  });

  it("finds no drift in a disconnected entry, because a new join rewrites it", () => {
    assert.deepEqual(driftOf(readings({ connected: false, knownAs: ["10.0.0.9"] }), OWN, NOW), []);
  });

  it("reports an expired certificate of SPP as drift, by SPP's clock", () => {
    const certificateExpiresAt = "2026-05-20T07:59:59Z";
    assert.deepEqual(driftOf(readings({ certificateExpiresAt }), OWN, NOW), [
      "the TLS certificate of SPP expired on 2026-05-20T07:59:59Z",
    ]);
    assert.deepEqual(driftOf(readings({ certificateExpiresAt }), OWN, NOW - 2000), []);
    assert.deepEqual(driftOf(readings({ certificateExpiresAt: "" }), OWN, NOW), []);
  });
});

describe("comparison of node names", () => {
  it("compares node names without case, and accepts the short form of a full name", () => {
    assert.ok(isKnownAs(["SPS1"], ["sps1.example.com"]));
    assert.ok(isKnownAs(["sps1.example.com"], [undefined, "sps1"]));
    assert.ok(!isKnownAs(["sps1.example.com"], ["sps11"]));
    assert.ok(!isKnownAs(["sps1.example.com"], ["sps"]));
  });

  it("compares node addresses whole, even if one starts like the other", () => {
    assert.ok(!isKnownAs(["10.0.0.1"], ["10.0.0"]));
    assert.ok(!isKnownAs(["10.0.0.10"], ["10.0.0.1"]));
  });
});

describe("names to compare with SPP's entry", () => {
  const HOST = "sps1.example.com";

  it("compares only addresses of the node when SPP knows an address", () => {
    const own = ownNamesFor(["10.9.9.9", HOST], "10.0.0.1", HOST, ["10.0.0.1", "192.168.0.1"]);
    assert.deepEqual(own, ["10.0.0.1", "192.168.0.1"]);
    assert.ok(!isKnownAs(["10.9.9.9", HOST], own));
    assert.ok(isKnownAs(["192.168.0.1", HOST], own));
  });

  it("compares the host name when SPP knows no address, or the node's are unreadable", () => {
    assert.deepEqual(ownNamesFor([HOST], "10.0.0.1", HOST, ["10.0.0.1"]), ["10.0.0.1", HOST]);
    assert.deepEqual(ownNamesFor(["10.9.9.9", HOST], "10.0.0.1", HOST, undefined), ["10.0.0.1", HOST]);
  });
});
