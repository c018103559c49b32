import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { SyncState } from "../../sps/cluster";
import { lackOf } from "./synchronization";

const IN_SYNC: SyncState = {
  nodeId: "two",
  hostName: "sps2.lab.example",
  synchronized: true,
  lastSeen: "2026-01-20T09:00:30Z",
  silentSeconds: 10,
  status: "up-to-date",
};

describe("what a member lacks to be synchronized", () => {
  it("is nothing when it reported within the last 60 seconds that it is in sync", () => {
    assert.equal(lackOf(IN_SYNC), undefined);
    assert.equal(lackOf({ ...IN_SYNC, silentSeconds: 60 }), undefined);
  });

  const lacks: [SyncState | undefined, string][] = [
    [undefined, "has no status"],
    [{ ...IN_SYNC, synchronized: false, status: "PENDING" }, "PENDING"],
    [{ ...IN_SYNC, synchronized: false, status: "outdated, 2 errors" }, "outdated, 2 errors"],
    [{ ...IN_SYNC, lastSeen: undefined, silentSeconds: undefined }, "never reported"],
    [{ ...IN_SYNC, silentSeconds: 61 }, "reported last 61 s ago"],
  ];
  for (const [state, lack] of lacks) {
    it(`is told: ${lack}`, () => {
      assert.equal(lackOf(state), lack);
    });
  }
});
