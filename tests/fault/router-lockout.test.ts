import assert from "node:assert/strict";
import { FAULTS } from "../../benchmarks/lockout/faults";
import { isSound, summaryOf, sweep } from "../../benchmarks/lockout/sweep";

/*
 * A short lock-out sweep; the long one is `npm run bench -- lockout`. It does not prove what a jump of the kernel's clock
 * or a real restart does: network namespaces have neither, both are emulated.
 */
describe("changes on a router that are interrupted", function () {
  this.timeout(180_000);

  it("never lock out for longer than the window and two seconds, and never take a rule of others along, nor leave anything wrong for a restart", async () => {
    const runs = FAULTS.length;
    const results = await sweep({ runs, routers: 4, windowSeconds: 3, seed: 7 });
    assert.deepEqual(
      results.filter((run) => !isSound(run) || !run.isInjected),
      [],
    );
    const { worstSeconds, persistRuns, ...counts } = summaryOf(results, 3);
    const none = { notInjected: 0, lockedOut: 0, foreignRulesLost: 0, wrongAfterRestart: 0 };
    assert.deepEqual(counts, { runs, recovered: runs, windowSeconds: 3, ...none });
    assert.ok(persistRuns >= Math.floor(runs / 2));
    assert.ok(worstSeconds <= 5);
  });
});
