import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { createRollout } from "../database/journal";
import { mostChangesPerSpp } from "../testing/recorded-step";
import { kill, RolloutBed } from "../testing/rollout-bed";
import { planFor } from "../testing/simulation";
import { queueRollout } from "./client";

describe("a rollout on the embedded database", function () {
  this.timeout(400_000);
  let bed: RolloutBed;

  before(async () => {
    bed = await RolloutBed.start();
  });
  after(() => bed?.stop());

  it("repeats after kill -9 nothing that was recorded, and at most what was in work", async () => {
    const { id } = await bed.start(planFor(8, { parallelism: 4 }, 2));
    const first = await bed.worker(150);
    await bed.until(id, ({ sites }) => [...sites.values()].filter(({ status }) => status === "done").length === 2);
    await kill(first);
    const begunBefore = bed.runs().filter(({ what }) => what === "begin");
    const recorded = new Set(
      [...(await bed.state(id)).sites.values()].flatMap(({ site, runs }) =>
        runs.filter(({ result }) => result).map(({ phase }) => `${site.name} ${phase}`),
      ),
    );
    await bed.worker(50);
    const state = await bed.until(id, ({ status }) => status !== "running");
    assert.equal(state.status, "done");

    const runs = bed.runs();
    const ended = runs.filter(({ what, phase }) => what === "end" && phase === "apply").map(({ site }) => site);
    assert.deepEqual([...new Set(ended)].sort(), [...state.sites.keys()].sort());
    assert.equal(mostChangesPerSpp(runs), 1);
    const times = (wanted: string) =>
      runs.filter(({ what, site, phase }) => what === "begin" && `${site} ${phase}` === wanted).length;
    assert.ok(recorded.size >= 4, `${recorded.size} runs were recorded`);
    for (const run of recorded) assert.equal(times(run), 1, `${run} was recorded`);
    // A run whose result was not recorded yet is made again, also when it had ended: pulumi up finds nothing to do then.
    const inWork = begunBefore.map(({ site, phase }) => `${site} ${phase}`).filter((run) => !recorded.has(run));
    assert.ok(inWork.length <= 4, inWork.join(", "));
    assert.ok(inWork.every((run) => times(run) <= 2));
    assert.equal(
      runs.filter(({ what }) => what === "begin").length - inWork.reduce((sum, run) => sum + times(run) - 1, 0),
      16,
    );
  });

  it("gives each site to one of two workers and one change at a time to each SPP, whichever worker dies", async () => {
    const { id } = await bed.start(planFor(9, { parallelism: 6 }, 3));
    const [first, second] = [await bed.worker(60), await bed.worker(60)];
    await bed.until(id, ({ sites }) => [...sites.values()].some(({ status }) => status === "done"));
    await kill(first);
    await bed.until(id, ({ sites }) => [...sites.values()].filter(({ status }) => status === "done").length > 4);
    await kill(second);
    await bed.worker(20);
    const state = await bed.until(id, ({ status }) => status !== "running");
    assert.equal(state.status, "done");
    assert.equal(mostChangesPerSpp(bed.runs()), 1);
  });

  it("waits for approval, and keeps who approved it and why", async () => {
    const { id } = await bed.start(planFor(2, { waves: [{ rest: true, approval: true }] }));
    await bed.until(id, ({ hold }) => hold?.kind === "approval");
    await assert.rejects(bed.operator(id, "retried", "site-0"), {
      message: `rollout ${id}: retry: the site site-0 is checked; retry sites that failed only`,
    });
    await bed.operator(id, "approved");
    const state = await bed.until(id, ({ status }) => status === "done");
    const [{ by, reason, type } = assert.fail("nothing kept")] = state.operatorEvents;
    assert.deepEqual({ by, reason, type }, { by: "ada", reason: "test", type: "approved" });
  });

  it("keeps the statements and the transactions of many connections apart", async () => {
    const { pool } = bed.database;
    const sums = Array.from({ length: 60 }, (_, n) =>
      n % 2 ? pool.query("SELECT $1::int AS n", [n]) : pool.query("SELECT $1::int + $2::int AS n", [n, 0]),
    );
    assert.deepEqual(
      (await Promise.all(sums)).map(({ rows }) => rows[0].n),
      Array.from({ length: 60 }, (_, n) => n),
    );
    await pool.query("CREATE TABLE kept (n int)");
    const [open, other] = [await pool.connect(), await pool.connect()];
    await open.query("BEGIN");
    await open.query("INSERT INTO kept VALUES (1)");
    const seen = other.query("SELECT count(*)::int AS n FROM kept");
    // Its connection ends, so that its transaction is rolled back and the other one is served.
    open.release(true);
    assert.equal((await seen).rows[0].n, 0);
    other.release();
  });

  it("goes on when the process of the database is killed", async () => {
    const { id } = await bed.start(planFor(4, { parallelism: 2 }, 2));
    await bed.until(id, ({ sites }) => [...sites.values()].some(({ status }) => status === "checked"));
    assert.equal(bed.killDatabase(), true);
    const state = await bed.until(id, ({ status }) => status === "done");
    assert.deepEqual(
      [...state.sites.values()].map(({ runs }) => runs.map(({ phase }) => phase)),
      Array.from({ length: 4 }, () => ["check", "apply"]),
    );
  });

  it("runs a rollout whose claim was committed while its answer was lost", async () => {
    await bed.killWorkers();
    const worker = await bed.worker(10);
    // Suspended, so that nobody claims the rollout first.
    worker.kill("SIGSTOP");
    const { id } = await bed.start(planFor(1));
    const { rowCount } = await bed.database.pool.query(
      `UPDATE dbos.workflow_status SET status = 'PENDING', owner_xid = 'lost', executor_id = w.id
       FROM rollout.workers w WHERE workflow_uuid = $1 AND status = 'ENQUEUED' AND w.pid = $2`,
      [id, worker.pid],
    );
    assert.equal(rowCount, 1);
    worker.kill("SIGCONT");
    await bed.until(id, ({ status }) => status === "done");
  });

  it("reports a step that throws as unknown, and does not wait for its site", async () => {
    await bed.killWorkers();
    await bed.worker(10, ["throws:site-0"]);
    const { id } = await bed.start(planFor(2, { onFailure: "stop" }));
    const { sites } = await bed.until(id, ({ status }) => status === "stopped");
    const [run] = sites.get("site-0")?.runs ?? [];
    assert.deepEqual(run?.result, {
      outcome: "unknown",
      message: "site site-0: check: it throws in this test; retry the site",
    });
  });

  it("takes up a rollout whose start was killed before it was in the queue", async () => {
    const record = await createRollout(bed.database.pool, planFor(1), "/nowhere/rollout.yaml");
    await bed.killWorkers();
    await bed.worker(10);
    for (let n = 0; n < 2; n += 1) await queueRollout(bed.database.pool, record, "ada");
    await bed.until(record.id, ({ status }) => status === "done");
  });
});
