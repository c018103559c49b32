import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { withTestBench } from "../testing/hooks";
import type { TestBench } from "../testing/test-bench";
import { at } from "../testing/test-client";

let bench: TestBench;
const TROUBLESHOOTING = "/api/configuration/troubleshooting";
const SSH = "/api/configuration/ssh/options";
const debugLogging = (enabled: boolean) => ({ core_files: { retention_days: 14 }, debug_logging: { enabled } });

describe("transactions of SPS", () => {
  withTestBench((created) => {
    bench = created;
  });

  it("shows uncommitted changes only to their session", async () => {
    const { sps, client } = await bench.startSps();
    const other = bench.clientOf(sps);
    await client.logIn();
    await other.logIn();
    await client.post("/api/transaction");
    await client.put(TROUBLESHOOTING, debugLogging(true));
    const seenBy = async (reader: typeof client) =>
      at((await reader.get(TROUBLESHOOTING)).body, "body", "debug_logging").enabled;
    assert.deepEqual([await seenBy(client), await seenBy(other)], [true, false]);
    assert.deepEqual((await client.get("/api/transaction/changes")).body.changes, [
      { type: "replace", path: `${TROUBLESHOOTING}/debug_logging/enabled`, old_value: false, new_value: true },
    ]);
    const commit = await client.commit();
    assert.deepEqual([commit.status, at(commit.body, "body").status], [200, "closed"]);
    assert.equal(await seenBy(other), true);
    assert.equal(sps.openTransactions, 0);
  });

  it("discards all changes on rollback", async () => {
    const { sps, client } = await bench.startSps();
    await client.logIn();
    await client.post("/api/transaction");
    await client.put(TROUBLESHOOTING, debugLogging(true));
    const reply = await client.delete("/api/transaction");
    assert.equal(reply.status, 200);
    assert.deepEqual(Object.keys(reply.body), ["meta"]);
    assert.deepEqual(sps.object(TROUBLESHOOTING), debugLogging(false));
    assert.equal(at((await client.get("/api/transaction")).body, "body").status, "closed");
  });

  it("drops an unknown member and answers with success", async () => {
    const { client } = await bench.startSps();
    await client.logIn();
    await client.post("/api/transaction");
    const reply = await client.put(TROUBLESHOOTING, { ...debugLogging(false), debugLogging: { enabled: true } });
    assert.equal(reply.status, 200);
    assert.equal("changes" in (await client.get("/api/transaction/changes")).body, false);
  });

  it("shows an empty changelog as an empty list, by variant", async () => {
    const { client } = await bench.startSps({ variant: { emptyChanges: "empty-list" } });
    await client.logIn();
    assert.deepEqual((await client.get("/api/transaction/changes")).body.changes, []);
  });

  it("opens a transaction with the first change that is not refused", async () => {
    const { sps, client } = await bench.startSps();
    await client.logIn();
    assert.equal((await client.put(SSH, { service: { log_level: 11 } })).status, 400);
    assert.equal(sps.openTransactions, 0);
    assert.equal((await client.put(SSH, { service: { log_level: 5 } })).status, 200);
    assert.equal(sps.openTransactions, 1);
  });

  it("requires an explicit and exclusive transaction in 6.0", async () => {
    const { sps, client } = await bench.startSps({ firmwareVersion: "6.0.12" });
    const other = bench.clientOf(sps);
    await client.logIn();
    await other.logIn();
    const refused = await client.put(TROUBLESHOOTING, debugLogging(true));
    assert.deepEqual([refused.status, at(refused.body, "error").type], [400, "TransactionRequired"]);
    const opened = await client.post("/api/transaction");
    assert.equal(at(opened.body, "transaction").status, "open");
    assert.equal("body" in opened.body, false);
    const locked = await other.post("/api/transaction");
    assert.deepEqual([locked.status, at(locked.body, "error").type], [409, "ConfigurationLocked"]);
    await client.delete("/api/transaction");
    assert.equal((await other.post("/api/transaction")).status, 200);
  });

  it("refuses the commit of an object that another session has changed", async () => {
    const { sps, client } = await bench.startSps();
    const other = bench.clientOf(sps);
    await client.logIn();
    await other.logIn();
    await client.put(SSH, { service: { log_level: 5 } });
    await other.put(SSH, { service: { log_level: 6 } });
    assert.equal(sps.openTransactions, 2);
    assert.equal((await client.commit()).status, 200);
    const refused = await other.commit();
    assert.deepEqual([refused.status, at(refused.body, "error").type], [409, "CommitConflict"]);
    assert.deepEqual(at(refused.body, "error", "details").paths, [SSH]);
    assert.equal(sps.openTransactions, 1);
    assert.equal(at(sps.object(SSH), "service").log_level, 5);
  });

  it("commits the last change when the variant lets the last writer win", async () => {
    const { sps, client } = await bench.startSps({ variant: { commitConflict: "last-writer-wins" } });
    const other = bench.clientOf(sps);
    await client.logIn();
    await other.logIn();
    await client.put(SSH, { service: { log_level: 5 } });
    await other.put(SSH, { service: { log_level: 6 } });
    await client.commit();
    assert.equal((await other.commit()).status, 200);
    assert.equal(at(sps.object(SSH), "service").log_level, 6);
  });

  it("accepts or refuses a second open, and refuses a commit without a transaction", async () => {
    for (const [openTwice, status] of [
      ["idempotent", 200],
      ["refused", 400],
    ] as const) {
      const { client } = await bench.startSps({ variant: { openTwice } });
      await client.logIn();
      assert.equal((await client.commit()).status, 400);
      assert.equal((await client.post("/api/transaction")).status, 200);
      assert.equal((await client.post("/api/transaction")).status, status);
      assert.equal((await client.put("/api/transaction", { status: "closed" })).status, 400);
    }
  });

  it("answers with the lock status while another administrator holds the lock", async () => {
    for (const lockStatus of [400, 409, 423]) {
      const { sps, client } = await bench.startSps({ variant: { lockStatus } });
      await client.logIn();
      bench.faults.on("sps-locked");
      assert.equal((await client.post("/api/transaction")).status, lockStatus);
      assert.equal((await client.put(SSH, {})).status, lockStatus);
      assert.equal(sps.openTransactions, 0);
      assert.equal((await client.get(SSH)).status, 200);
      bench.faults.off("sps-locked");
      assert.equal((await client.post("/api/transaction")).status, 200);
    }
  });
});
