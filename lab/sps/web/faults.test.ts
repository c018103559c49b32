import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { withTestBench } from "../testing/hooks";
import type { TestBench } from "../testing/test-bench";
import { at } from "../testing/test-client";

let bench: TestBench;

describe("faults of SPS", () => {
  withTestBench((created) => {
    bench = created;
  });

  it("sps-answer-lost: SPS applies the next change but the response is lost", async () => {
    const { sps, client } = await bench.startSps();
    await client.enableClusterInterface();
    bench.faults.on("sps-answer-lost");
    assert.equal((await client.get("/api/cluster/nodes")).status, 200);
    assert.equal((await client.put("/api/cluster/nodes/x", {})).status, 400);
    await assert.rejects(client.post("/api/cluster/promote"), { code: "UND_ERR_SOCKET" });
    assert.equal(bench.faults.has("sps-answer-lost"), false);
    assert.equal(sps.traffic.count("POST", "/api/cluster/promote"), 1);
    assert.equal((await client.commit()).status, 200);
    assert.deepEqual(sps.roles, ["central-management"]);
  });

  it("sps-slow: SPS responds five appliance seconds later", async () => {
    const { client } = await bench.startSps();
    bench.faults.on("sps-slow");
    const before = bench.clock.now().getTime();
    await client.get("/api/setup");
    const took = (bench.clock.now().getTime() - before) / 1000;
    assert.ok(took >= 4.9, `${took} s`);
  });

  it("sps-5xx: SPS answers every request with 503 and changes nothing", async () => {
    const { sps, client } = await bench.startSps();
    await client.logIn();
    bench.faults.on("sps-5xx");
    const statuses = [
      await client.get("/api/info"),
      await client.post("/api/transaction"),
      await client.get("/api/setup"),
    ];
    assert.deepEqual(
      statuses.map(({ status }) => status),
      [503, 503, 503],
    );
    assert.equal(sps.openTransactions, 0);
  });

  it("sps-session-expired: SPS ends the session and its transaction", async () => {
    const { sps, client } = await bench.startSps();
    await client.logIn();
    await client.post("/api/transaction");
    bench.faults.on("sps-session-expired");
    assert.equal((await client.get("/api/setup")).status, 200);
    const refused = await client.get("/api/transaction");
    assert.deepEqual([refused.status, at(refused.body, "error").type], [401, "Unauthenticated"]);
    assert.deepEqual([sps.openTransactions, bench.faults.has("sps-session-expired")], [0, false]);
    assert.equal((await client.logIn()).status, 200);
  });

  it("sps-out-of-memory: SPS answers changes with 500 and an empty body", async () => {
    const { sps, client } = await bench.startSps();
    await client.logIn();
    bench.faults.on("sps-out-of-memory");
    const failed = await client.post("/api/transaction");
    assert.deepEqual([failed.status, failed.bytes.length], [500, 0]);
    assert.equal((await client.get("/api/transaction")).status, 200);
    assert.equal(sps.openTransactions, 0);
  });
});
