import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { CAUSES } from "../../../benchmarks/preflight/causes";
import { LabPair } from "../../../benchmarks/preflight/lab-pair";
import { reasonsOf, runCause } from "../../../benchmarks/preflight/run-cause";

describe("preflight of appliances that cannot be joined", () => {
  let shared: LabPair;
  before(async () => {
    shared = await LabPair.start();
  });
  after(() => shared.stop());

  for (const cause of CAUSES) {
    it(`reports ${cause.name} (${cause.check}: ${cause.status})`, async () => {
      const report = await runCause(cause, shared);
      const found = report.checks.find(({ id }) => id === cause.check);
      assert.equal(found?.status, cause.status, JSON.stringify(found));
      const failed = report.checks.filter(({ status }) => status === "fail").map(({ id }) => id);
      const expected = [...(cause.status === "fail" ? [cause.check] : []), ...(cause.alsoFails ?? [])];
      assert.deepEqual(failed.sort(), expected.sort());
      assert.equal(reasonsOf(report).length, failed.length);
      assert.equal(report.ok, failed.length === 0);
    });
  }
});
