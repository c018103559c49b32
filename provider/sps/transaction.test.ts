import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";
import { changesIn, Site } from "../../tests/support/site";
import { AnswerLost } from "../https/failures";
import { SpsClient, SpsRefusal } from "./client";
import { inTransaction } from "./transaction";

const TRANSACTION = "/api/transaction";
const OPTIONS = "/api/configuration/ssh/options";
const OPEN = `POST ${TRANSACTION}`;
const CHANGE = `PUT ${OPTIONS}`;
const COMMIT = `PUT ${TRANSACTION}`;
const ROLL_BACK = `DELETE ${TRANSACTION}`;

describe("a transaction of SPS", () => {
  let site: Site;
  let client: SpsClient;
  let controller: AbortController;
  let level = 0;

  before(async () => {
    site = await Site.start({ spsCount: 1 });
  });
  after(() => site.stop());
  beforeEach(async () => {
    controller = new AbortController();
    client = await SpsClient.open(site.sps(0), site.context(controller.signal));
    site.clearTraffic();
    level = levelInForce() === 5 ? 6 : 5;
  });
  afterEach(async () => {
    site.lab.faults.clear();
    await client.close();
    site.assertNoSecret(...site.log.all);
  });

  const node = () => site.lab.sps[0];
  const requests = () => changesIn(node().traffic);
  const levelInForce = () => (node().object(OPTIONS)?.service as { log_level?: number } | undefined)?.log_level;

  /** Changes the log level to another one than is in force. */
  const change = () => client.send("PUT", OPTIONS, { ...node().object(OPTIONS), service: { log_level: level } });
  const isInForce = async () => levelInForce() === level;

  /** Everything that must hold after a transaction that took effect, or did not. */
  function assertEnded(tookEffect: boolean): void {
    assert.equal(node().openTransactions, 0);
    assert.equal(levelInForce() === level, tookEffect, `log level ${levelInForce()}`);
  }

  it("opens, fills and commits a transaction, each once", async () => {
    assert.equal(await inTransaction(client, 5, async () => ((await change()) ? "result" : "")), "result");
    assert.deepEqual(requests(), [OPEN, CHANGE, COMMIT]);
    assertEnded(true);
  });

  it("rolls back when the change is refused, and reports the refusal", async () => {
    const work = () => client.send("POST", "/api/cluster/promote");
    await assert.rejects(inTransaction(client, 5, work), (error) => {
      assert.ok(error instanceof SpsRefusal);
      assert.deepEqual([error.status, error.type], [400, "SemanticError"]);
      return true;
    });
    assert.deepEqual(requests(), [OPEN, "POST /api/cluster/promote", ROLL_BACK]);
    assertEnded(false);
  });

  it("rolls back when the work throws", async () => {
    const work = async () => {
      await change();
      throw new Error("no");
    };
    await assert.rejects(inTransaction(client, 5, work), { message: "no" });
    assert.deepEqual(requests(), [OPEN, CHANGE, ROLL_BACK]);
    assertEnded(false);
  });

  it("rolls back when the answer to a change is lost", async () => {
    node().traffic.inject({ method: "PUT", path: /options$/, effect: { kind: "cut-after" } });
    await assert.rejects(inTransaction(client, 5, change), AnswerLost);
    assert.deepEqual(requests(), [OPEN, CHANGE, ROLL_BACK]);
    assertEnded(false);
  });

  it("waits while an administrator holds the lock", async () => {
    site.lab.faults.on("sps-locked");
    const work = inTransaction(client, 20, change);
    while (node().traffic.count("POST", TRANSACTION) < 3) await pause(5);
    site.lab.faults.off("sps-locked");
    await work;
    const opened = requests().filter((request) => request === OPEN);
    assert.deepEqual(requests(), [...opened, CHANGE, COMMIT]);
    assert.ok(opened.length >= 4);
    assert.match(
      site.log.of("status").at(-1) ?? "",
      /waiting for the configuration lock: it answered 409: Another adm/,
    );
    assertEnded(true);
  });

  it("waits for another session when only one transaction may be open", async () => {
    node().variant.writers = "exclusive";
    const other = await SpsClient.open(site.sps(0), site.context());
    await other.send("POST", TRANSACTION);
    await assert.rejects(inTransaction(client, 0.2, change), /let the other administrator leave/);
    await other.send("DELETE", TRANSACTION);
    await other.close();
    await inTransaction(client, 5, change);
    node().variant.writers = "parallel";
    assertEnded(true);
  });

  it("opens no transaction when the lock is held until the limit", async () => {
    site.lab.faults.on("sps-locked");
    await assert.rejects(inTransaction(client, 0.4, change), (error: Error) => {
      assert.match(
        error.message,
        /^sps [\d.]+: wait for the configuration lock: not reached within 0\.4 s \(last seen: it answered 409: Another administrator holds the lock\); let the other administrator leave the configuration pages, then run pulumi up again \[SG1204\]$/,
      );
      return true;
    });
    assert.equal(requests().includes(CHANGE), false);
    assertEnded(false);
  });

  for (const status of [400, 409, 423, 500, 503]) {
    it(`treats an answer ${status} to opening as the lock, and waits`, async () => {
      const effect = { kind: "status", status } as const;
      node().traffic.inject({ method: "POST", path: /transaction$/, times: 2, effect });
      await inTransaction(client, 5, change);
      const rolledBack = status === 400 ? [ROLL_BACK] : [];
      assert.deepEqual(requests(), [OPEN, ...rolledBack, OPEN, ...rolledBack, OPEN, CHANGE, COMMIT]);
      assertEnded(true);
    });
  }

  it("rolls back an open transaction of the same session when opening twice is refused", async () => {
    node().variant.openTwice = "refused";
    await client.send("POST", TRANSACTION);
    site.clearTraffic();
    await inTransaction(client, 5, change);
    assert.deepEqual(requests(), [OPEN, ROLL_BACK, OPEN, CHANGE, COMMIT]);
    assertEnded(true);
  });

  for (const status of [403, 404, 405, 411]) {
    it(`does not retry when opening is answered with ${status}`, async () => {
      node().traffic.inject({ method: "POST", path: /transaction$/, effect: { kind: "status", status } });
      await assert.rejects(inTransaction(client, 5, change), { status });
      assert.deepEqual(requests(), [OPEN, ROLL_BACK]);
      assertEnded(false);
    });
  }

  it("opens the transaction again after a login when the session has expired", async () => {
    node().endSessions();
    await inTransaction(client, 5, change);
    assert.deepEqual(requests(), [OPEN, OPEN, CHANGE, COMMIT]);
    assertEnded(true);
  });

  for (const [what, path] of [
    ["a change", /options$/],
    ["the commit", /transaction$/],
  ] as const) {
    it(`repeats the whole transaction when the session ends before ${what}`, async () => {
      const effect = { kind: "call", when: "before", run: () => node().endSessions() } as const;
      node().traffic.inject({ method: "PUT", path, effect });
      await inTransaction(client, 5, change);
      const first = path.test(TRANSACTION) ? [OPEN, CHANGE, COMMIT] : [OPEN, CHANGE];
      assert.deepEqual(requests(), [...first, ROLL_BACK, OPEN, OPEN, CHANGE, COMMIT]);
      assertEnded(true);
    });

    it(`does not repeat a fourth time when every session ends before ${what}`, async () => {
      const effect = { kind: "call", when: "before", run: () => node().endSessions() } as const;
      node().traffic.inject({ method: "PUT", path, times: 9, effect });
      await assert.rejects(inTransaction(client, 5, change), { status: 401 });
      assert.equal(requests().filter((request) => request === CHANGE).length, 4);
      assertEnded(false);
    });
  }

  it("does not open a fifth time when every new session has expired", async () => {
    const effect = { kind: "status", status: 401 } as const;
    node().traffic.inject({ method: "POST", path: /transaction$/, times: 9, effect });
    await assert.rejects(inTransaction(client, 5, change), { status: 401, code: "SG1013" });
    assert.deepEqual(requests(), [OPEN, OPEN, OPEN, OPEN, ROLL_BACK]);
    assertEnded(false);
  });

  for (const kind of ["cut-before", "cut-after"] as const) {
    it(`opens again after a rollback when opening was ${kind}`, async () => {
      node().traffic.inject({ method: "POST", path: /transaction$/, effect: { kind } });
      await inTransaction(client, 5, change);
      assert.deepEqual(requests(), [OPEN, ROLL_BACK, OPEN, CHANGE, COMMIT]);
      assertEnded(true);
    });
  }

  for (const effect of [{ kind: "cut-before" }, { kind: "status", status: 503 }] as const) {
    it(`commits again when the first commit had no effect (${effect.kind})`, async () => {
      node().traffic.inject({ method: "PUT", path: /transaction$/, effect });
      await inTransaction(client, 5, change);
      assert.deepEqual(requests(), [OPEN, CHANGE, COMMIT, COMMIT]);
      assert.equal(node().traffic.count("GET", TRANSACTION), 1);
      assertEnded(true);
    });
  }

  it("accepts a commit whose answer is lost when the change is in force", async () => {
    node().traffic.inject({ method: "PUT", path: /transaction$/, effect: { kind: "cut-after" } });
    await inTransaction(client, 5, change, isInForce);
    assert.deepEqual(requests(), [OPEN, CHANGE, COMMIT]);
    assertEnded(true);
  });

  it("leaves a commit in doubt when its answer is lost and nothing verifies the change", async () => {
    node().traffic.inject({ method: "PUT", path: /transaction$/, effect: { kind: "cut-after" } });
    await assert.rejects(inTransaction(client, 5, change), AnswerLost);
    assert.deepEqual(requests(), [OPEN, CHANGE, COMMIT, ROLL_BACK]);
    assertEnded(true);
  });

  it("leaves a commit in doubt when the session ends with it and nothing is in force", async () => {
    const end = () => node().endSessions();
    node().traffic.inject({ method: "PUT", path: /transaction$/, effect: { kind: "call", when: "before", run: end } });
    node().traffic.inject({ method: "PUT", path: /transaction$/, effect: { kind: "cut-before" } });
    await assert.rejects(inTransaction(client, 5, change, isInForce), AnswerLost);
    assert.deepEqual(requests(), [OPEN, CHANGE, COMMIT, ROLL_BACK]);
    assertEnded(false);
  });

  it("rolls back when the commit is refused", async () => {
    node().traffic.inject({ method: "PUT", path: /transaction$/, effect: { kind: "status", status: 409 } });
    await assert.rejects(inTransaction(client, 5, change), { status: 409 });
    assert.deepEqual(requests(), [OPEN, CHANGE, COMMIT, ROLL_BACK]);
    assertEnded(false);
  });

  it("rolls back when the user cancels during a change", async () => {
    const run = () => controller.abort();
    node().traffic.inject({ method: "PUT", path: /options$/, effect: { kind: "call", when: "before", run } });
    await assert.rejects(inTransaction(client, 5, change), { name: "AbortError" });
    assert.deepEqual(requests(), [OPEN, CHANGE, ROLL_BACK]);
    assert.equal(node().openTransactions, 0);
  });

  it("commits when the user cancels during the commit", async () => {
    const run = () => controller.abort();
    node().traffic.inject({ method: "PUT", path: /transaction$/, effect: { kind: "call", when: "before", run } });
    await inTransaction(client, 5, change);
    assert.deepEqual(requests(), [OPEN, CHANGE, COMMIT]);
    assertEnded(true);
  });

  it("rolls back when the user cancels during opening", async () => {
    const run = () => controller.abort();
    node().traffic.inject({ method: "POST", path: /transaction$/, effect: { kind: "call", when: "after", run } });
    await assert.rejects(inTransaction(client, 5, change), { name: "AbortError" });
    assert.deepEqual(requests(), [OPEN, ROLL_BACK]);
    assert.equal(node().openTransactions, 0);
  });

  it("reports the first failure instead of a failed rollback", async () => {
    node().traffic.inject({ method: "DELETE", effect: { kind: "status", status: 500 } });
    await assert.rejects(
      inTransaction(client, 5, () => Promise.reject(new Error("first"))),
      { message: "first" },
    );
    assert.match(site.log.of("debug").at(-1) ?? "", /rolling back failed too: .*it answered 500/);
    await client.send("DELETE", TRANSACTION);
    assertEnded(false);
  });
});
