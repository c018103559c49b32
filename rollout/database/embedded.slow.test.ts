import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { after, before, describe, it } from "mocha";
import { DatabaseError } from "pg";
import { type Database, openDatabase } from "./database";
import { reachEmbedded } from "./embedded";

describe("the server of an embedded database", function () {
  this.timeout(400_000);
  let root = "";
  const open = new Set<Database>();

  before(() => {
    root = mkdtempSync(join(tmpdir(), "rollout-embedded-"));
  });
  after(async () => {
    for (const database of open) await database.close();
    for (const name of ["starts", "serves", "idles"]) signalLatest(name, "SIGKILL");
    rmSync(root, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  });

  const logOf = (name: string) => readFileSync(join(root, name, "server.log"), { encoding: "utf8", flag: "a+" });
  /** The processes that owned the folder, in their order. */
  const owners = (name: string) =>
    [...logOf(name).matchAll(/process (\d+): starting$/gm)].map(([, pid]) => Number(pid));

  function signalLatest(name: string, signal: NodeJS.Signals): void {
    try {
      const pid = owners(name).at(-1);
      if (pid !== undefined) process.kill(pid, signal);
    } catch {
      // It has ended.
    }
  }

  async function database(name: string, idleSeconds = 30): Promise<Database> {
    const opened = await openDatabase({ folder: join(root, name), idleSeconds });
    open.add(opened);
    return opened;
  }

  async function until(isReached: () => boolean): Promise<void> {
    const limit = Date.now() + 120_000;
    while (!isReached()) {
      assert.ok(Date.now() < limit, "not reached within 120 s");
      await sleep(5);
    }
  }

  it("is replaced when it is killed at any moment of its start", async () => {
    mkdirSync(join(root, "starts"));
    const opening = database("starts");
    for (const [n, milliseconds] of [0, 200, 1500].entries()) {
      await until(() => owners("starts").length > n);
      await sleep(milliseconds);
      signalLatest("starts", "SIGKILL");
    }
    const { pool } = await opening;
    assert.deepEqual((await pool.query("SELECT count(*)::int AS n FROM rollout.rollouts")).rows, [{ n: 0 }]);
  });

  it("is replaced for the connections of a pool when it is killed while it serves", async () => {
    const { pool } = await database("serves");
    await pool.query("CREATE TABLE kept (n int PRIMARY KEY)");
    for (let n = 0; n < 2; n += 1) {
      await pool.query("INSERT INTO kept VALUES ($1)", [n]);
      const client = await pool.connect();
      client.on("error", () => {});
      await client.query("BEGIN");
      await client.query("INSERT INTO kept VALUES ($1)", [100 + n]);
      signalLatest("serves", "SIGKILL");
      // What the engine of workflows repeats; anything else would become the result of a workflow.
      await assert.rejects(client.query("COMMIT"), { code: "ECONNRESET" });
      client.release(true);
      const { rows } = await pool.query("SELECT n FROM kept ORDER BY n");
      assert.deepEqual(
        rows.map((row) => row.n),
        Array.from({ length: n + 1 }, (_, number) => number),
      );
    }
  });

  it("is replaced when its socket was removed", async () => {
    const { host, pid } = await reachEmbedded(join(root, "serves"));
    rmSync(host, { recursive: true });
    const { pool } = await database("serves");
    assert.deepEqual((await pool.query("SELECT 1 AS n")).rows, [{ n: 1 }]);
    assert.notEqual(owners("serves").at(-1), pid);
  });

  it("gives an error of SQL to the connection that caused it, and goes on", async () => {
    const { pool } = await database("serves");
    const results = await Promise.allSettled([
      pool.query("SELECT 1 / $1::int AS n", [0]),
      pool.query("SELECT $1::int AS n", [1]),
      pool.query("SELECT nothing FROM nowhere"),
      pool.query("SELECT 2 AS n"),
    ]);
    assert.deepEqual(
      results.map((result) =>
        result.status === "fulfilled" ? result.value.rows[0].n : result.reason instanceof DatabaseError,
      ),
      [true, 1, true, 2],
    );
  });

  it("serves a client that arrives at any moment of its stop", async () => {
    const { pool } = await database("idles", 1);
    await pool.query("SELECT 1");
    await pool.end();
    open.clear();
    for (const milliseconds of [0, 20]) {
      const stops = logOf("idles").split("stopping: idle for 1 s").length;
      await reachEmbedded(join(root, "idles"), 1);
      await until(() => logOf("idles").split("stopping: idle for 1 s").length > stops);
      await sleep(milliseconds);
      const arrived = await openDatabase({ folder: join(root, "idles"), idleSeconds: 1 });
      assert.deepEqual((await arrived.pool.query("SELECT 1 AS n")).rows, [{ n: 1 }]);
      await arrived.close();
    }
  });

  it("is the only one when several clients start it at once", async () => {
    const stops = logOf("idles").split(": stopped\n").length;
    await until(() => logOf("idles").split(": stopped\n").length > stops);
    const before = owners("idles").length;
    const found = await Promise.all([1, 2, 3].map(() => reachEmbedded(join(root, "idles"), 1)));
    const [owner, ...others] = owners("idles").slice(before);
    assert.deepEqual([found.map(({ pid }) => pid), others], [[owner, owner, owner], []]);
  });

  it("is not started for ever when it fails: the error has the last line of its log", async () => {
    const folder = join(root, "broken");
    mkdirSync(join(folder, "data"), { recursive: true });
    writeFileSync(join(folder, "data", "rollout-complete"), "");
    writeFileSync(join(folder, "data", "PG_VERSION"), "9\n");
    await assert.rejects(reachEmbedded(folder), (error: Error) => {
      assert.match(
        error.message,
        /^database \S+: start: it failed 3 times; the last line of \S+server\.log is: \S+ process \d+: /,
      );
      return true;
    });
  });
});
