import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { FAULT_NAMES, LAB_FAULTS, runLabFault } from "../../benchmarks/doctor/lab-faults";

describe("diagnosis of every fault of the lab", function () {
  this.timeout(300_000);
  const hidden = FAULT_NAMES.filter((name) => LAB_FAULTS[name].visibility.kind === "hidden");

  for (const name of FAULT_NAMES.filter((one) => !hidden.includes(one))) {
    it(`names ${name} as the first cause, and only reads`, async () => {
      const { isNamed, isFirst, report, writes } = await runLabFault(name);
      assert.ok(isNamed && isFirst, JSON.stringify(report.causes));
      assert.deepEqual(writes, []);
    });
  }

  it("raises no alarm about faults that only changes show", async () => {
    assert.equal(hidden.length, 10);
    for (const name of hidden) {
      const { report, writes } = await runLabFault(name);
      assert.deepEqual([report.status, writes], ["fine", []], name);
    }
  });
});
