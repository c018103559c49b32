import assert from "node:assert/strict";
import { after, before, it } from "mocha";
import type { Pool } from "pg";
import { beginChange, endChange, turnsAt } from "../database/changes";
import { appendEvents, findRollout, latestRollout, readEvents } from "../database/journal";
import type { RolloutEvent } from "../machine/events";
import { onBothDatabases } from "../testing/both-databases";
import { recordedRollout } from "../testing/recorded-rollout";
import { RolloutBed } from "../testing/rollout-bed";
import { planFor } from "../testing/simulation";
import { carriedOut, command, pauseOf, stateOf } from "./client";

onBothDatabases("the record of a rollout", function (server) {
  this.timeout(120_000);
  let bed: RolloutBed;

  before(async () => {
    bed = await RolloutBed.start(server());
  });
  after(() => bed?.stop());

  /** A run of a site that took some seconds. */
  function finished(seconds: number, change: Partial<Extract<RolloutEvent, { type: "finished" }>> = {}): RolloutEvent {
    const times = { startedAt: 1_700_000_000_000, at: 1_700_000_000_000 + seconds * 1000 };
    const run = { site: "site-0", phase: "apply" as const, attempt: 1, worker: "w" };
    return { type: "finished", ...times, ...run, result: { outcome: "done" }, ...change };
  }

  it("shows the rest of an SPP after a change of another rollout, and its own changes that have begun", async () => {
    const { pool } = bed.database;
    const { id } = await bed.start({ ...planFor(1), name: "turns" });
    const where = { mark: "m", machine: "m" };
    const begin = (run: string, spp: string) => beginChange(pool, { run, spp, rollout: id }, where, undefined);
    assert.deepEqual(await turnsAt(pool, id, ["10.0.0.1"], 60), []);
    await begin("another.1/oslo/apply/1", "10.0.0.1");
    await endChange(pool, "another.1/oslo/apply/1", { startedAt: 1, starts: 1, result: { outcome: "done" } });
    await begin("another.1/rome/apply/1", "10.0.0.1");
    await begin(`${id}/site-0/apply/1`, "10.0.0.1");
    await begin(`${id}0/site-1/apply/1`, "10.0.0.2");
    const [first, second] = await turnsAt(pool, id, ["10.0.0.1", "10.0.0.2"], 60);
    assert.deepEqual([first?.spp, first?.begun], ["10.0.0.1", ["site-0"]]);
    const left = (first?.restsUntil ?? 0) - Date.now();
    assert.ok(left > 50_000 && left <= 60_000, String(left));
    assert.deepEqual(second, { spp: "10.0.0.2", restsUntil: 0, begun: [] });
  });

  it("is made once when two commands start rollouts of one name at once", async () => {
    const starts = ["a", "b", "c"].map(() => bed.start({ ...planFor(1), name: "once" }));
    const ended = await Promise.allSettled(starts);
    const reasons = ended.flatMap((one) => (one.status === "rejected" ? [one.reason.message] : []));
    const refusal = "rollout once.1: start: it has not ended; run resume to go on with it, or cancel it";
    assert.deepEqual(reasons, [refusal, refusal]);
    assert.equal((await latestRollout(bed.database.pool, "once"))?.number, 1);
  });

  it("is found by its name, also where the id of another one is the same text", async () => {
    const { pool } = bed.database;
    await bed.start({ ...planFor(1), name: "apac" });
    assert.equal(await latestRollout(pool, "apac.1"), undefined);
    const { id } = await bed.start({ ...planFor(1), name: "apac.1" });
    assert.deepEqual(
      [(await latestRollout(pool, "apac.1"))?.id, (await findRollout(pool, "apac.1"))?.id],
      [id, "apac.1"],
    );
  });

  it("refuses a command that one on its way to a worker leaves nothing to do for", async () => {
    const { id } = await bed.start({ ...planFor(2), name: "sent" });
    await bed.operator(id, "paused");
    await assert.rejects(bed.operator(id, "paused"), {
      message: `rollout ${id}: pause: the rollout is already paused; run resume to go on`,
    });
    await bed.operator(id, "skipped", "site-0");
    await assert.rejects(
      bed.operator(id, "skipped", "site-0"),
      /the site site-0 is skipped; skip sites that wait or failed only/,
    );
    await bed.operator(id, "cancelled");
    await assert.rejects(bed.operator(id, "retried", "site-1"), /the rollout has ended \(cancelled\); start a new one/);
  });

  it("goes by the median duration of the changes of the three latest rollouts of its name", async () => {
    const plan = { ...planFor(1, { changeSeconds: 70 }), name: "lasting" };
    const next = async (...events: RolloutEvent[]) => {
      const { id, plan: recorded } = await bed.start(plan);
      // It ends before anything of it runs.
      const ended: RolloutEvent = { type: "cancelled", at: 2, by: "ada", reason: "test" };
      const journal = { seq: 0, events: [ended, ...events], messages: [], halt: undefined };
      assert.equal(await appendEvents(bed.database.pool, id, journal), true);
      return recorded.changeSeconds;
    };
    const check = finished(9, { phase: "check" });
    const failed = finished(9, { result: { outcome: "failed" } });
    assert.equal(await next(check, failed), 70, "nothing is known before the first change");
    assert.equal(await next(finished(300), finished(1000), finished(40.2)), 70);
    assert.equal(await next(), 300);
    assert.equal(await next(), 300);
    assert.equal(await next(), 300);
    assert.equal(await next(), 70, "the changes are four rollouts ago");
    assert.equal((await bed.start({ ...plan, name: "another" })).plan.changeSeconds, 70);
  });

  it("needs no reason to resume a paused rollout that ends after the sites in work", async () => {
    const { pool } = bed.database;
    const record = await recordedRollout(pool, { ...planFor(2), name: "ending" });
    const by = { by: "ada", reason: "noise" };
    const paused = [{ type: "started", at: 1 }, { type: "paused", at: 2, ...by } as const] as RolloutEvent[];
    assert.equal(await appendEvents(pool, record.id, { seq: 0, events: paused, messages: [], halt: undefined }), true);
    assert.equal(await pauseOf(pool, record), "noise");
    const events = [{ type: "cancelled", at: 3, ...by } as const];
    assert.equal(await appendEvents(pool, record.id, { seq: 2, events, messages: [], halt: undefined }), true);
    assert.equal((await stateOf(pool, record)).status, "running", "sites are in work");
    assert.equal(await pauseOf(pool, record), undefined);
  });

  it("refuses no command that it has accepted because of one that was sent before it", async () => {
    const { pool } = bed.database;
    const record = await recordedRollout(pool, { ...planFor(3, { parallelism: 1 }), name: "sent" });
    const sent = { by: "ada", reason: "noise", site: "site-2" };
    const frozen = await command(pool, record, { type: "frozen", ...sent });
    assert.equal(await carriedOut(pool, record, frozen, 0), false);
    const unfrozen = await command(pool, record, { type: "unfrozen", ...sent });
    assert.equal(await carriedOut(pool, record, unfrozen, 0), false);
    await assert.rejects(command(pool, record, { type: "unfrozen", ...sent }), /unfreeze frozen sites only$/);
  });

  it("reads a journal in one row, in the order of its events and from any of them on", async () => {
    const { pool } = bed.database;
    const { id } = await recordedRollout(pool, { ...planFor(1), name: "journal" });
    assert.deepEqual(await readEvents(pool, id), []);
    const events = Array.from({ length: 12 }, (_, n) => ({ type: "tick", at: n }) as const);
    assert.equal(await appendEvents(pool, id, { seq: 0, events, messages: [], halt: undefined }), true);
    let rowsRead = 0;
    const through = Object.create(pool) as Pool;
    through.query = (async (sql: string, values: unknown[]) => {
      const answer = await pool.query(sql, values);
      rowsRead += answer.rows.length;
      return answer;
    }) as Pool["query"];
    assert.deepEqual(await readEvents(through, id), events);
    assert.deepEqual(await readEvents(through, id, 9), events.slice(9));
    assert.deepEqual(await readEvents(through, id, 12), []);
    assert.equal(rowsRead, 3);
  });
});
