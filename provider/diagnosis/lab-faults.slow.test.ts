import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { FAULT_NAMES, LAB_FAULTS, runLabFault } from "../../benchmarks/doctor/lab-faults";

describe("diagnosis of every fault of the lab", () => {
  const hidden = FAULT_NAMES.filter((name) => LAB_FAULTS[name].visibility.kind === "hidden");

  for (const name of FAULT_NAMES.filter((one) => !hidden.includes(one))) {
    it(`names ${name} as the first cause`, async () => {
      const { isNamed, isFirst, report } = await runLabFault(name);
      assert.ok(isNamed && isFirst, JSON.stringify(report.causes));
    });
  }

  it("raises no alarm about faults that only changes show", async () => {
    assert.equal(hidden.length, 6);
    for (const name of hidden) {
      const { report } = await runLabFault(name);
      assert.equal(report.status, "fine", name);
    }
  });
});
