import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { healthyFacts } from "../../../benchmarks/preflight/healthy-facts";
import { HEALTHY_LABS } from "../../../benchmarks/preflight/healthy-labs";
import { alarmsOf, runHealthyLab } from "../../../benchmarks/preflight/run-cause";
import { CHECKS } from "./checks";
import { runChecks } from "./report";

describe("preflight of healthy appliances", () => {
  it("reports no problem for 300 healthy variants of facts", () => {
    fc.assert(
      fc.property(healthyFacts, ({ facts, dueWarnings }) => {
        assert.deepEqual(alarmsOf(runChecks(CHECKS, facts), dueWarnings), []);
      }),
      { numRuns: 300 },
    );
  });

  it("covers more than 40 healthy labs", () => assert(HEALTHY_LABS.length > 40, String(HEALTHY_LABS.length)));

  for (const lab of HEALTHY_LABS) {
    it(`reports no problem in a lab that is ${lab.name}`, async () => {
      const { ok, checks } = await runHealthyLab(lab);
      assert.deepEqual(alarmsOf(checks, lab.dueWarnings), []);
      assert.equal(ok, true);
      const warned = checks.filter(({ status }) => status === "warn").map(({ id }) => id);
      assert.deepEqual(warned, lab.dueWarnings ?? []);
    });
  }
});
