import { keepsTrafficThatStays, reachesEveryState } from "./roundtrip-bench.test";

/** Generated sequences of changes; `npm run bench -- roundtrip --platform sophos-utm` makes more. */
const RUNS = { numRuns: 40 };

describe("changes of a simulated Sophos UTM", function () {
  this.timeout(60_000);

  it("reach every wanted state beside foreign objects, and leave no trace", async () => {
    await reachesEveryState(RUNS);
  });

  it("keeps every packet of traffic that stays on its way to SPS while ports and networks change", async () => {
    await keepsTrafficThatStays(RUNS);
  });
});
