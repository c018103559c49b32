import assert from "node:assert/strict";
import { entryText } from "../../../../lab/cisco-ios/access/access-list";
import { initialConfiguration } from "../../../../lab/cisco-ios/lab-router";
import { enter, FOREIGN, found, reachesEveryState, undoesInterruptedChanges } from "./roundtrip-bench.test";

/** Generated changes; `npm run bench -- roundtrip --platform cisco-ios` makes more. */
const RUNS = { numRuns: 75 };

describe("changes of a simulated Cisco router", function () {
  this.timeout(60_000);

  it("reaches every wanted state without a gap, and leaves no trace of it", () => {
    reachesEveryState(RUNS);
  });

  it("undoes a change that was interrupted at any command", () => {
    undoesInterruptedChanges(RUNS);
  });

  it("prints entries as a device does, so that both sides agree on every spelling", () => {
    const configuration = initialConfiguration(true);
    enter(configuration, FOREIGN);
    const [entry] = configuration.accessLists[0]?.lines ?? [];
    assert.equal(entry && entryText(entry.entry), "permit tcp any 10.9.0.0 0.0.255.255 eq www");
    assert.deepEqual(found(configuration, "ios-xe").accessLists.get("THEIRS")?.entries, [
      "permit tcp any 10.9.0.0 0.0.255.255 eq 80",
    ]);
  });
});
