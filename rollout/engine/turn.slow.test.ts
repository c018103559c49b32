import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { after, before, it } from "mocha";
import type { Pool } from "pg";
import { beginChange, changeWaits, endChange, knownChange, waitingChanges } from "../database/changes";
import { appendEvents } from "../database/journal";
import type { SiteResult, SiteRun } from "../machine/events";
import { onBothDatabases } from "../testing/both-databases";
import { recordedRollout } from "../testing/recorded-rollout";
import { RolloutBed } from "../testing/rollout-bed";
import { planFor } from "../testing/simulation";
import { ownMachine } from "./process-identity";
import { StepLeft } from "./runs-in-work";
import { type ChangeInTurn, inTurn } from "./turn";

onBothDatabases("the change of a site in its turn", function (server) {
  this.timeout(120_000);
  let bed: RolloutBed;

  before(async () => {
    bed = await RolloutBed.start(server());
  });
  after(() => bed?.stop());

  /** A change of a rollout in its turn, and what its work does: by default it starts at once. */
  async function turnOf(name: string, coolDownSeconds = 0) {
    const { pool } = bed.database;
    const { id } = await recordedRollout(pool, { ...planFor(1), name });
    const run = { site: "site-0", phase: "apply", attempt: 1, fingerprint: "first" } as const;
    const turn = { rollout: id, workflow: `${id}/site-0/apply/1`, run, spp: `spp-${name}`, coolDownSeconds };
    const { signal } = new AbortController();
    const start = async ({ mayStart }: ChangeInTurn): Promise<SiteResult> => {
      const message = await mayStart();
      return message === undefined ? { outcome: "done" } : { outcome: "deferred", message };
    };
    const made = async (change: Partial<typeof turn & { run: SiteRun }> = {}, work = start, through = pool) =>
      (await inTurn(through, { ...turn, ...change }, signal, work)).result;
    const halt = async (seq: number, kind?: "paused" | "cancelled", isNew = true) => {
      const events = [{ type: kind ?? "resumed", at: 1, by: "ada", reason: "test" } as const];
      const appended = { seq, events, messages: [], halt: kind === undefined ? undefined : { kind } };
      assert.equal(await appendEvents(pool, id, appended), isNew);
    };
    const begin = (change = turn.workflow, machine = ownMachine()) =>
      beginChange(pool, { run: change, spp: turn.spp, rollout: id }, { mark: "m", machine }, undefined);
    const hasBegun = async () => (await knownChange(pool, turn.workflow, id)).begun !== undefined;
    return { pool, turn, made, halt, start, begin, hasBegun };
  }
  const closed = "the window of its wave closes too soon for a change and its rollback";

  it("does not start a change whose window closed or rollout was paused at its SPP", async () => {
    const { turn, made, halt, hasBegun } = await turnOf("turn", 600);
    const late = { run: { ...turn.run, startBy: Date.now() - 1 } };
    assert.deepEqual(await made(late), { outcome: "deferred", message: `not started: ${closed}` });
    for (const [seq, type] of (["paused", "resumed", "paused", "cancelled"] as const).entries()) {
      await halt(seq, type === "resumed" ? undefined : type);
      const message = `not started: the rollout was ${type} while the site waited`;
      if (type !== "resumed") assert.deepEqual(await made(), { outcome: "deferred", message });
    }
    // An event that is recorded already does not bring back what was true then.
    await halt(1, undefined, false);
    assert.match((await made()).message ?? "", /cancelled/);
    assert.equal(await hasBegun(), false);
  });

  it("lets an SPP rest before a change, and leaves the change when its worker stops meanwhile", async () => {
    const { pool, turn, begin } = await turnOf("rest", 600);
    await begin("another");
    await endChange(pool, "another", { startedAt: 1, starts: 1, result: { outcome: "done" } });
    const leaving = new AbortController();
    const left = assert.rejects(
      inTurn(pool, turn, leaving.signal, () => assert.fail("it began")),
      StepLeft,
    );
    leaving.abort();
    await left;
  });

  it("does not start a change whose window closed or rollout was paused at its lock", async () => {
    const { turn, made, halt, start, hasBegun } = await turnOf("lock");
    const later = { run: { ...turn.run, startBy: Date.now() + 300 } };
    const waiting = async (change: ChangeInTurn) => {
      await pause(350);
      return start(change);
    };
    assert.deepEqual(await made(later, waiting), { outcome: "deferred", message: `not started: ${closed}` });
    const paused = await made({}, async (change) => {
      assert.equal(await change.mayStart(), undefined, "its first try finds the lock");
      await halt(0, "paused");
      return start(change);
    });
    assert.equal(paused.message, "not started: the rollout was paused while the site waited");
    assert.equal(await hasBegun(), false, "nothing was done");
  });

  it("counts no start for a try that finds its stack locked, and reports the lock", async () => {
    const { pool, turn, begin } = await turnOf("tries");
    await begin();
    const shown: (string | undefined)[] = [];
    const { starts, result } = await inTurn(pool, turn, new AbortController().signal, async (change) => {
      await change.isLocked("its preview");
      for (const lock of ["first", "second"]) {
        assert.equal(await change.mayStart(), undefined);
        await change.isLocked(lock);
        shown.push(...(await waitingChanges(pool, [turn.spp])).map(({ waitsFor }) => waitsFor));
      }
      assert.equal(await change.mayStart(), undefined);
      return { outcome: "done" };
    });
    assert.deepEqual([starts, result, shown], [2, { outcome: "done" }, ["first", "second"]]);
  });

  it("reports a change as interrupted that began in a dead process and must not be repeated", async () => {
    const { made, halt, start, begin } = await turnOf("interrupted");
    await begin();
    await halt(0, "paused");
    let handed: ChangeInTurn["interrupted"];
    const looking = (change: ChangeInTurn) => {
      handed = change.interrupted;
      return start(change);
    };
    const unknown = (cause: string): SiteResult => {
      const message = `the worker died during the change, and the change was not repeated: ${cause}; retry the site`;
      return { outcome: "unknown", isInterrupted: true, message };
    };
    assert.deepEqual(await made({}, looking), unknown("the rollout was paused"));
    assert.deepEqual(
      handed,
      { mark: "m", machine: ownMachine(), starts: 1 },
      "what the dead process has left is looked for first",
    );
  });

  it("says why an interrupted change is not repeated, and keeps how it ended", async () => {
    const { pool, turn, made, begin, halt } = await turnOf("causes");
    const startBy = { run: { ...turn.run, startBy: Date.now() - 1 } };
    const ends = async (result?: SiteResult, change = {}) => {
      await pool.query("DELETE FROM rollout.changes WHERE run = $1", [turn.workflow]);
      await begin();
      return made(change, result && (async () => result));
    };
    const text = "the worker died during the change, and the change was not repeated";
    const unknown = (cause: string): SiteResult => {
      return { outcome: "unknown", isInterrupted: true, message: `${text}: ${cause}; retry the site` };
    };
    assert.deepEqual(await ends(undefined, startBy), unknown(closed));
    const changed = await ends({ outcome: "changed", fingerprint: "second" });
    assert.deepEqual(changed, unknown("program or definition changed"));
    const unread = await ends({ outcome: "failed", message: "rollout.yaml: it is not YAML" });
    assert.deepEqual(unread, unknown("rollout.yaml: it is not YAML"));
    const outdated = await ends({ outcome: "outdated", message: "it would now also x" });
    assert.deepEqual(outdated, { outcome: "outdated", isInterrupted: true, message: `${text}: it would now also x` });
    assert.deepEqual(await ends(), { outcome: "done" }, "it is repeated where it may be");
    await halt(0, "paused");
    assert.deepEqual(await made({}, async () => assert.fail("it ended")), { outcome: "done" });
  });

  it("names the machine on which an interrupted change may go on, where nobody can look", async () => {
    const { made, begin, halt, turn } = await turnOf("elsewhere");
    await begin(turn.workflow, "build-7 boot pid:[1]");
    await halt(0, "paused");
    assert.equal(
      (await made()).message,
      "the worker on build-7 died during the change, Pulumi may still make it there, and the change was not repeated: the rollout was paused; retry the site",
    );
  });

  it("does not begin a change that must not start once the database is back", async () => {
    const { pool, turn, made, halt, hasBegun } = await turnOf("away");
    /** Lets something happen before the begin of the change is written, as when the database does not answer for a while. */
    const before = (act: () => Promise<void>) => {
      const away = Object.create(pool) as Pool;
      away.query = (async (sql: string, values: unknown[]) => {
        if (/^INSERT INTO rollout.changes/.test(sql)) await act();
        return pool.query(sql, values);
      }) as Pool["query"];
      return away;
    };
    const later = { run: { ...turn.run, startBy: Date.now() + 300 } };
    const closes = before(() => pause(350));
    assert.deepEqual(await made(later, undefined, closes), {
      outcome: "deferred",
      message: `not started: ${closed}`,
    });
    const message = "not started: the rollout was paused while the site waited";
    const paused = before(() => halt(0, "paused"));
    assert.deepEqual(await made({}, undefined, paused), { outcome: "deferred", message });
    assert.equal(await hasBegun(), false);
  });

  it("asks the database three times for a change, and once more for each wait for its lock", async () => {
    const { pool, made } = await turnOf("count");
    const counted: string[] = [];
    const through = Object.create(pool) as Pool;
    through.query = ((sql: string, values: unknown[]) => {
      counted.push(sql.split(/\s+/)[0] ?? "");
      return pool.query(sql, values);
    }) as Pool["query"];
    const waiting = async ({ mayStart }: ChangeInTurn): Promise<SiteResult> => {
      for (let wait = 0; wait < 2; wait += 1) assert.equal(await mayStart(), undefined);
      return { outcome: "done" };
    };
    assert.deepEqual(await made({}, waiting, through), { outcome: "done" });
    assert.deepEqual(counted, ["SELECT", "INSERT", "INSERT", "UPDATE"]);
  });

  it("shows what a change in work waits for until it ends", async () => {
    const { pool, turn, begin } = await turnOf("waits");
    await begin();
    await changeWaits(pool, turn.workflow, "Pulumi process 7");
    const { workflow: run, spp } = turn;
    assert.deepEqual(await waitingChanges(pool, [spp]), [{ spp, run, waitsFor: "Pulumi process 7" }]);
    assert.deepEqual(await waitingChanges(pool, ["another"]), []);
    await endChange(pool, run, { startedAt: 1, starts: 1, result: { outcome: "done" } });
    assert.deepEqual(await waitingChanges(pool, [spp]), []);
  });
});
