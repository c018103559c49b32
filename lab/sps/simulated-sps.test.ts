import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { withTestBench } from "./testing/hooks";
import type { TestBench } from "./testing/test-bench";

let bench: TestBench;

describe("simulated SPS", () => {
  withTestBench((created) => {
    bench = created;
  });

  it("describes the appliance with all values that a client needs", async () => {
    const { sps } = await bench.startSps({
      clusterAddress: "172.16.9.2",
      nodeId: "6d5c9a10-0a4e-4c36-9d0e-0f6e4bd2a111",
    });
    const { port, certificateSha256, ...rest } = sps.describe();
    assert.deepEqual([port, certificateSha256], [sps.endpoint.port, sps.certificate.sha256]);
    assert.deepEqual(rest, {
      address: sps.endpoint.address,
      hostName: "sps1.lab.example",
      username: "admin",
      password: "s3cret",
      nodeId: "6d5c9a10-0a4e-4c36-9d0e-0f6e4bd2a111",
      clusterAddress: "172.16.9.2",
      firmwareVersion: "8.0.0",
    });
  });

  it("starts an SPS appliance with less than 300 ms of processor time", async () => {
    await bench.startSps();
    const took: number[] = [];
    for (let count = 0; count < 3; count++) {
      const before = process.cpuUsage();
      await bench.startSps();
      const { user, system } = process.cpuUsage(before);
      took.push((user + system) / 1000);
    }
    assert.ok(Math.min(...took) < 300, `${took.map(Math.round).join(", ")} ms`);
  });
});
