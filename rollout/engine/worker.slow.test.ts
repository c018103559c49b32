import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { after, afterEach, before, it } from "mocha";
import { ADDRESS_FILE } from "../database/address";
import { knownChange } from "../database/changes";
import { sendMessage, waitingMessages } from "../database/inbox";
import { appendEvents, readEvents } from "../database/journal";
import type { RolloutState } from "../machine/state";
import { onBothDatabases } from "../testing/both-databases";
import { recordedRollout } from "../testing/recorded-rollout";
import { mostChangesPerSpp } from "../testing/recorded-step";
import { kill, RolloutBed } from "../testing/rollout-bed";
import { planFor } from "../testing/simulation";
import { carriedOut, queueRollout, resumeRollout, type SentCommand } from "./client";
import { changesOfOthers, type OtherChange } from "./spp-queues";

/** Waits until a change of a rollout is seen, which is queued just after it is recorded. */
async function until(see: () => Promise<OtherChange[]>, rollout: string): Promise<OtherChange> {
  for (const limit = Date.now() + 60_000; Date.now() < limit; await pause(50)) {
    const found = (await see()).find((change) => change.rollout === rollout);
    if (found) return found;
  }
  throw new Error("no change of the rollout is seen within 60 s");
}

/**
 * The journal says how often each change was started, as the work itself has noted it. Each kill may hit one worker at each SPP after the
 * record of a start and before its note.
 */
function assertStartsOf({ sites }: RolloutState, noted: ReturnType<RolloutBed["runs"]>, mostUnnoted: number): void {
  let unnoted = 0;
  for (const { site, runs } of sites.values()) {
    const starts = runs.reduce((sum, run) => sum + (run.starts ?? 0), 0);
    const begun = noted.filter(
      ({ what, phase, site: of }) => what === "begin" && phase === "apply" && of === site.name,
    );
    assert.ok(starts >= begun.length, `${site.name}: ${starts} starts, ${begun.length} noted`);
    unnoted += starts - begun.length;
  }
  assert.ok(unnoted <= mostUnnoted, `${unnoted} starts without a note`);
}

onBothDatabases("a rollout", function (server, kind) {
  this.timeout(400_000);
  let bed: RolloutBed;

  before(async () => {
    bed = await RolloutBed.start(server());
  });
  afterEach(() => bed?.releaseChanges());
  after(async () => {
    await bed?.stop();
  });

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
    assertStartsOf(state, runs, 2);
    assert.equal(
      runs.filter(({ what }) => what === "begin").length - inWork.reduce((sum, run) => sum + times(run) - 1, 0),
      16,
    );
  });

  it("gives each site to one of two workers and one change at a time to each SPP, whichever worker dies", async () => {
    const earlier = bed.runs().length;
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
    assertStartsOf(state, bed.runs().slice(earlier), 6);
  });

  it("ends without resume when a worker is stopped, and the other begins what is left", async () => {
    await bed.killWorkers();
    const first = await bed.worker(3000);
    const before = bed.runs().length;
    const { id } = await bed.start(planFor(1));
    while (bed.runs().length === before) await pause(20);
    await bed.worker(20);
    const begun = () =>
      bed
        .runs()
        .slice(before)
        .filter(({ what }) => what === "begin");
    const begunByFirst = () => begun().filter(({ pid }) => pid === first.pid).length;
    const gone = new Promise((resolve) => first.once("exit", resolve));
    const stopping = new Promise((resolve) => first.once("message", resolve));
    first.kill("SIGTERM");
    assert.equal(await stopping, "stopping");
    const atStop = begunByFirst();
    const other = await bed.start({ ...planFor(6, { parallelism: 6 }, 3), name: "other" });
    await bed.until(other.id, ({ status }) => status === "done");
    assert.equal(await gone, 0);
    await bed.until(id, ({ status }) => status === "done");
    assert.deepEqual([begunByFirst(), begun().length], [atStop, 14]);
  });

  it("waits for approval, and keeps who approved it and why", async () => {
    const record = await bed.start(planFor(2, { waves: [{ rest: true, approval: true }] }));
    const { id } = record;
    await bed.until(id, ({ hold }) => hold?.kind === "approval");
    await assert.rejects(bed.operator(id, "retried", "site-0"), {
      message: `rollout ${id}: retry: the site site-0 is checked; retry sites that failed only`,
    });
    const { pool } = bed.database;
    await assert.rejects(
      bed.operator(id, "approved", undefined, () => false),
      {
        message: `rollout ${id}: approve: something else waits for approval; run status to see it, and approve its id`,
      },
    );
    await bed.killWorkers();
    const inTime = await bed.operator(id, "approved");
    const nothing = `rollout ${id}: approve: nothing waits for approval; run status to see what it waits for`;
    await assert.rejects(bed.operator(id, "approved"), { message: nothing });
    // Sent at the same time by another operator.
    const late: SentCommand = { ...inTime, event: { ...inTime.event, by: "bob", reason: "late" } };
    await sendMessage(pool, id, "late", late.event);
    await bed.worker(20);
    assert.equal(await carriedOut(pool, record, inTime, 300_000), true);
    await assert.rejects(carriedOut(pool, record, late, 300_000), { message: nothing });
    const state = await bed.until(id, ({ status }) => status === "done");
    assert.equal(state.operatorEvents.length, 1);
    const [{ by, reason, type } = assert.fail("nothing kept")] = state.operatorEvents;
    assert.deepEqual({ by, reason, type }, { by: "ada", reason: "test", type: "approved" });
  });

  it("takes each message once when two processes append to a journal at a time", async () => {
    const { pool } = bed.database;
    const { id } = await recordedRollout(pool, { ...planFor(1), name: "messages" });
    const event = (reason: string) => ({ type: "paused", at: 1, by: "ada", reason }) as const;
    for (const name of ["one", "two", "two"]) await sendMessage(pool, id, `${id} ${name}`, event(name));
    const waiting = await waitingMessages(pool, id);
    assert.deepEqual(
      waiting.map((message) => message.event),
      [event("one"), event("two")],
    );
    const append = (seq: number, from: number) => {
      const taken = waiting.slice(from);
      const messages = taken.flatMap(({ number }) => number ?? []);
      return appendEvents(pool, id, {
        seq,
        events: taken.map((message) => message.event),
        messages,
        halt: undefined,
      });
    };
    const both = await Promise.all([append(0, 1), append(0, 1), append(0, 1)]);
    assert.equal(both.filter(Boolean).length, 1);
    // Also when only the second of its events is there already.
    assert.equal(await append(-1, 0), false);
    assert.deepEqual(await readEvents(pool, id), [event("two")]);
    assert.deepEqual(await waitingMessages(pool, id), waiting.slice(0, 1));
  });

  it("goes on from the journal when another process has continued it", async () => {
    await bed.killWorkers();
    await bed.worker(10);
    const { pool } = bed.database;
    const { id } = await bed.start(planFor(2, { waves: [{ rest: true, approval: true }] }));
    await bed.until(id, ({ hold }) => hold?.kind === "approval");
    const events = [{ type: "paused", at: 1, by: "bob", reason: "elsewhere" } as const];
    const { length: seq } = await readEvents(pool, id);
    assert.equal(await appendEvents(pool, id, { seq, events, messages: [], halt: { kind: "paused" } }), true);
    await bed.operator(id, "resumed");
    await bed.until(id, ({ hold }) => hold?.kind === "approval");
    await bed.operator(id, "approved");
    const { sites, operatorEvents } = await bed.until(id, ({ status }) => status === "done");
    assert.deepEqual(
      operatorEvents.map(({ type, by }) => `${type} by ${by}`),
      ["paused by bob", "resumed by ada", "approved by ada"],
    );
    assert.deepEqual(
      [...sites.values()].map(({ runs }) => runs.map(({ phase }) => phase)),
      [
        ["check", "apply"],
        ["check", "apply"],
      ],
    );
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
    const postgres = server();
    if (postgres) await postgres.restart();
    else assert.equal(bed.killDatabase(), true);
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
    const record = await recordedRollout(bed.database.pool, planFor(1));
    await bed.killWorkers();
    await bed.worker(10);
    for (let n = 0; n < 2; n += 1) await queueRollout(bed.database.pool, record, "ada");
    await bed.until(record.id, ({ status }) => status === "done");
  });

  it("resumes a rollout that the workflow engine itself has ended", async () => {
    await bed.killWorkers();
    await bed.worker(10);
    const record = await bed.start(planFor(2, { waves: [{ rest: true, approval: true }] }));
    await bed.until(record.id, ({ hold }) => hold?.kind === "approval");
    await bed.killWorkers();
    const end = "UPDATE dbos.workflow_status SET status = $2, queue_name = NULL, error = 'x' WHERE workflow_uuid = $1";
    await bed.database.pool.query(end, [record.id, "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]);
    await bed.worker(10);
    await bed.operator(record.id, "approved");
    await resumeRollout(bed.database.pool, record, "ada");
    const { sites, operatorEvents } = await bed.until(record.id, ({ status }) => status === "done");
    assert.deepEqual(
      [...sites.values()].map(({ runs }) => runs.map(({ phase }) => phase)),
      [
        ["check", "apply"],
        ["check", "apply"],
      ],
    );
    assert.equal(operatorEvents.length, 1);
    await resumeRollout(bed.database.pool, record, "ada");
    assert.equal((await bed.state(record.id)).status, "done");
  });

  it("shows which changes of other rollouts an SPP has in work", async () => {
    await bed.killWorkers();
    bed.holdChanges();
    await bed.worker(10);
    const [first, second] = [await bed.start(planFor(1)), await bed.start({ ...planFor(1), name: "second" })];
    await bed.until(first.id, ({ sites }) => sites.get("site-0")?.phase === "apply");
    const seen = await until(() => changesOfOthers(bed.database.pool, second.id, ["spp-0"]), first.id);
    assert.deepEqual([seen.spp, seen.site], ["spp-0", "site-0"]);
    assert.deepEqual(await changesOfOthers(bed.database.pool, second.id, ["spp-1"]), []);
    bed.releaseChanges();
    for (const { id } of [first, second]) await bed.until(id, ({ status }) => status === "done");
    assert.equal(mostChangesPerSpp(bed.runs()), 1);
  });

  it("lets an SPP rest after the change of another rollout too", async () => {
    await bed.killWorkers();
    await bed.worker(10);
    const spp = (name: string) => ({ ...planFor(1, { coolDownSeconds: 2 }), name });
    const records = [await bed.start(spp("rest-a")), await bed.start(spp("rest-b"))];
    const before = bed.runs().length;
    for (const { id } of records) await bed.until(id, ({ status }) => status === "done");
    const changes = bed
      .runs()
      .slice(before)
      .filter(({ phase }) => phase === "apply");
    assert.deepEqual(
      changes.map(({ what }) => what),
      ["begin", "end", "begin", "end"],
    );
    const rest = (changes[2]?.at ?? 0) - (changes[1]?.at ?? 0);
    assert.ok(rest >= 2000, `${rest} ms`);
  });

  it("records its queues before the workflow engine starts, which looks for later ones only each second", async () => {
    await bed.worker(10);
    const { rows } = await bed.database.pool.query(
      `SELECT (SELECT count(*)::int FROM dbos.queues WHERE created_at <= version.created_at) AS queues
         FROM dbos.application_versions AS version`,
    );
    assert.deepEqual(rows, [{ queues: 3 }]);
  });

  it("holds a rollout at a change that kill -9 interrupted and that was paused since", async () => {
    await bed.killWorkers();
    bed.holdChanges();
    const first = await bed.worker(10);
    const { id } = await bed.start({ ...planFor(1), name: "killed" });
    const { pool } = bed.database;
    while (!(await knownChange(pool, `${id}/site-0/apply/1`, id)).begun) await pause(20);
    await bed.operator(id, "paused");
    await bed.until(id, ({ paused }) => paused !== undefined);
    await kill(first);
    bed.releaseChanges();
    await bed.worker(10);
    const { sites } = await bed.until(id, ({ running }) => running.size === 0);
    const site = sites.get("site-0");
    assert.deepEqual([site?.status, site?.runs.at(-1)?.result.outcome], ["unknown", "unknown"]);
    await bed.operator(id, "resumed");
    await bed.operator(id, "retried", "site-0");
    await bed.until(id, ({ status }) => status === "done");
  });

  it("does not start a change that waits behind another rollout when a failure holds its own", async () => {
    await bed.killWorkers();
    bed.holdChanges();
    await bed.worker(10, ["apply:site-1"]);
    const gated = planFor(2, { parallelism: 2, waves: [{ rest: true, approval: true }] }, 2);
    const { id } = await bed.start({ ...gated, name: "held" });
    await bed.until(id, ({ hold }) => hold?.kind === "approval");
    const other = await bed.start({ ...planFor(1), name: "busy" });
    await bed.until(other.id, ({ changing }) => changing.size === 1);
    await bed.operator(id, "approved");
    await bed.until(id, ({ hold }) => hold?.kind === "failures", 60);
    bed.releaseChanges();
    const held = await bed.until(id, ({ running }) => running.size === 0, 60);
    assert.deepEqual(held.sites.get("site-0")?.runs[1]?.result, {
      outcome: "deferred",
      message: "not started: failures held the rollout while the site waited",
    });
    await bed.operator(id, "skipped", "site-1");
    const { sites } = await bed.until(id, ({ status }) => status === "done");
    assert.deepEqual([sites.get("site-0")?.status, sites.get("site-0")?.attempt], ["done", 2]);
  });

  // A suspended server of PostgreSQL is the business of those who run it.
  if (kind === "the embedded database" && process.platform === "linux")
    it("reports a database that is suspended, with what to do", async () => {
      await bed.killWorkers();
      const { folder } = bed.location as { folder: string };
      const faults: string[] = [];
      const worker = await bed.worker(10, [], (fault) => faults.push(fault));
      const { pid } = JSON.parse(readFileSync(join(folder, ADDRESS_FILE), "utf8"));
      process.kill(pid, "SIGSTOP");
      try {
        while (!faults.some((fault) => /no answer/.test(fault)) && worker.exitCode === null) await pause(200);
      } finally {
        process.kill(pid, "SIGCONT");
      }
      const advice = `its process ${pid} is suspended; run kill -CONT ${pid} to let it go on, or kill -9 ${pid} to start another`;
      assert.ok(faults.includes(`database: no answer for 10 s: ${advice}`), faults.join(" | "));
      const { id } = await bed.start(planFor(1));
      await bed.until(id, ({ status }) => status === "done");
    });
});
