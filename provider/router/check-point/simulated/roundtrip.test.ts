import { reachesEveryState, undoesInterruptedChanges } from "./roundtrip-bench.test";

/** Generated changes; `npm run bench -- roundtrip --platform check-point` makes more. */
const RUNS = { numRuns: 100 };

describe("changes of a simulated Check Point gateway", function () {
  this.timeout(60_000);

  it("reach every wanted state without a gap beside foreign rules, and leave no trace", () => {
    reachesEveryState(RUNS);
  });

  it("are undone when they were interrupted at any command", () => {
    undoesInterruptedChanges(RUNS);
  });
});
