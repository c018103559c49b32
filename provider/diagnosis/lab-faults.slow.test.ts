import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { FAULT_NAMES, LAB_FAULTS, runLabFault } from "../../benchmarks/doctor/lab-faults";

describe("diagnosis of every fault of the lab", function () {
  this.timeout(300_000);
  const kindOf = (name: (typeof FAULT_NAMES)[number]) => LAB_FAULTS[name].visibility.kind;
  const hidden = FAULT_NAMES.filter((name) => kindOf(name) === "hidden");

  for (const name of FAULT_NAMES.filter((one) => !hidden.includes(one))) {
    it(`names ${name} first, only reads, and finds nothing once its remedy is followed`, async () => {
      const { kind, isNamed, isFirst, isRemedied, report, orders, writes } = await runLabFault(name);
      assert.ok(isNamed && isFirst, JSON.stringify(orders));
      assert.ok(isRemedied, JSON.stringify(orders));
      assert.deepEqual(writes, []);
      // Only SPP can try the network from there, so no read shows such a fault.
      if (kind === "network") assert.equal(report.status, "fine");
    });
  }

  it("raises no alarm about faults that the product makes up for", async () => {
    assert.equal(hidden.length, 5);
    for (const name of hidden) {
      const { report, writes } = await runLabFault(name);
      assert.deepEqual([report.status, writes], ["fine", []], name);
    }
  });
});
