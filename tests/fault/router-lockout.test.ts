import assert from "node:assert/strict";
import { FAULTS } from "../../benchmarks/lockout/faults";
import { summaryOf, sweep } from "../../benchmarks/lockout/sweep";

/*
 * A short lock-out sweep; the long one is `npm run bench -- lockout`. It does not prove what a jump of the kernel's clock
 * or a real restart does: network namespaces have neither, both are emulated.
 */
describe("changes on a router that are interrupted", function () {
  this.timeout(180_000);

  it("never lock out for longer than the window and two seconds, and never take a rule of others along", async () => {
    const runs = FAULTS.length;
    const results = await sweep({ runs, routers: 4, windowSeconds: 3, seed: 7 });
    assert.deepEqual(
      results.filter((run) => !run.isInjected || !run.isRecovered || run.areForeignRulesLost),
      [],
    );
    const { worstSeconds, ...counts } = summaryOf(results, 3);
    assert.deepEqual(counts, { runs, recovered: runs, notInjected: 0, windowSeconds: 3, foreignRulesLost: 0 });
    assert.ok(worstSeconds <= 5);
  });
});
