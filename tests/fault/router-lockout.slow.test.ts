import assert from "node:assert/strict";
import { FAULTS } from "../../benchmarks/lockout/faults";
import { isSound, summaryOf, sweep } from "../../benchmarks/lockout/sweep";

/*
 * A short lock-out sweep. `npm run bench -- lockout` is the long one. It does not prove what a jump of the kernel's clock
 * or a real restart does: network namespaces have neither, so both are emulated.
 */
describe("interrupted changes of a router", function () {
  this.timeout(180_000);

  // Two seconds after the commit window at the latest, with all foreign rules, and with nothing wrong after a restart.
  it("regains control of a router after every interruption and loses no foreign rule", async () => {
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
