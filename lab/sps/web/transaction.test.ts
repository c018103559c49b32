import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "mocha";
import { Bench } from "../testing/bench";
import { at } from "../testing/client";

let bench: Bench;
const TROUBLESHOOTING = "/api/configuration/troubleshooting";
const SSH = "/api/configuration/ssh/options";
const debugLogging = (enabled: boolean) => ({ core_files: { retention_days: 14 }, debug_logging: { enabled } });

describe("transactions of SPS", () => {
  beforeEach(async () => {
    bench = await Bench.create();
  });
  afterEach(() => bench.stop());

  it("put nothing in force before commit, and show their own changes only to their session", async () => {
    const { sps, client } = await bench.startSps();
    const other = bench.clientOf(sps);
    await client.logIn();
    await other.logIn();
    await client.post("/api/transaction");
    await client.put(TROUBLESHOOTING, debugLogging(true));
    const seenBy = async (who: typeof client) =>
      at((await who.get(TROUBLESHOOTING)).body, "body", "debug_logging").enabled;
    assert.deepEqual([await seenBy(client), await seenBy(other)], [true, false]);
    assert.deepEqual((await client.get("/api/transaction/changes")).body.changes, [
      { type: "replace", path: `${TROUBLESHOOTING}/debug_logging/enabled`, old_value: false, new_value: true },
    ]);
    const commit = await client.commit();
    assert.deepEqual([commit.status, at(commit.body, "body").status], [200, "closed"]);
    assert.equal(await seenBy(other), true);
    assert.equal(sps.openTransactions, 0);
  });

  it("are rolled back without a trace", async () => {
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

  it("do not change anything for an unknown member, though the answer is a success", async () => {
    const { client } = await bench.startSps();
    await client.logIn();
    await client.post("/api/transaction");
    const reply = await client.put(TROUBLESHOOTING, { ...debugLogging(false), debugLogging: { enabled: true } });
    assert.equal(reply.status, 200);
    assert.equal("changes" in (await client.get("/api/transaction/changes")).body, false);
  });

  it("show an empty changelog as an empty list where the appliance does so", async () => {
    const { client } = await bench.startSps({ variant: { emptyChanges: "empty-list" } });
    await client.logIn();
    assert.deepEqual((await client.get("/api/transaction/changes")).body.changes, []);
  });

  it("open by themselves with the first change, but not with a refused one", async () => {
    const { sps, client } = await bench.startSps();
    await client.logIn();
    assert.equal((await client.put(SSH, { service: { log_level: 11 } })).status, 400);
    assert.equal(sps.openTransactions, 0);
    assert.equal((await client.put(SSH, { service: { log_level: 5 } })).status, 200);
    assert.equal(sps.openTransactions, 1);
  });

  it("must be opened on 6.0, which shows their status at top level and locks everybody else out", async () => {
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

  it("may be open in several sessions since 6.1, and refuse a commit over another one's change", async () => {
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

  it("let the last writer win where the appliance does so", async () => {
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

  it("may be opened twice, or not, and cannot be committed when closed", async () => {
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

  it("answer the lock of another administrator with the status of the variant, until it is gone", async () => {
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
