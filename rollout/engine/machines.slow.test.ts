import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, describe, it } from "mocha";
import { skipTests } from "../../tests/contract/skip";
import { PostgresServer } from "../testing/postgres-server";
import { mostChangesPerSpp } from "../testing/recorded-step";
import { kill, RolloutBed } from "../testing/rollout-bed";
import { planFor } from "../testing/simulation";
import { livingWorkers } from "./membership";

/* Two machines are two PID namespaces with host names of their own, by which workers know them. Their kernel and disk are one. */
describe("a rollout of two machines over one PostgreSQL", function () {
  this.timeout(120_000);
  let server: PostgresServer | undefined;
  let bed: RolloutBed;
  let machine: ChildProcess | undefined;

  beforeEach(async function () {
    if (PostgresServer.installed() === undefined)
      return skipTests(this, "there is no PostgreSQL server; install the package postgresql");
    server = await PostgresServer.start();
    bed = await RolloutBed.start(server);
  });
  afterEach(async () => {
    if (machine) await kill(machine);
    await bed?.stop();
    await server?.stop();
  });

  it("goes on at the other one when one dies, after its heartbeat has been missing for 60 s", async function () {
    const namespaces = ["--uts", "--pid", "--mount", "--fork", "--mount-proc", "--kill-child"];
    const { status } = spawnSync("unshare", [...namespaces, "true"]);
    if (status !== 0) return skipTests(this, "unshare is missing, or may not make namespaces");
    bed.holdChanges();
    const start = ["sh", "-c", 'hostname north && exec "$@"', "sh", process.execPath, ...bed.workerArguments(10)];
    const north = spawn("unshare", [...namespaces, ...start], { stdio: ["ignore", "inherit", "inherit"] });
    machine = north;
    const { pool } = bed.database;
    const isThere = async () => (await livingWorkers(pool)).some((id) => id.startsWith("north-"));
    while (!(await isThere())) {
      assert.equal(north.exitCode, null, "its worker ended");
      await pause(100);
    }
    const { id } = await bed.start(planFor(4, {}, 2));
    await bed.until(id, ({ phase, running }) => phase === "apply" && running.size === 2);
    while (bed.runs().filter(({ what, phase }) => what === "begin" && phase === "apply").length < 2) await pause(20);
    await kill(north);
    await bed.worker(10);
    await pause(3000);
    assert.equal(await isThere(), true, "nobody here can see that it is dead");
    const { sites } = await bed.state(id);
    assert.deepEqual(
      [...sites.values()].map(({ status }) => status),
      ["running", "running", "checked", "checked"],
    );
    // The minute passes here.
    await pool.query("UPDATE rollout.workers SET heartbeat = heartbeat - interval '61 s' WHERE id LIKE 'north-%'");
    bed.releaseChanges();
    const ended = await bed.until(id, ({ status }) => status === "done", 60);
    assert.equal(await isThere(), false);
    const starts = [...ended.sites.values()].map(({ runs }) => runs.find(({ phase }) => phase === "apply")?.starts);
    assert.deepEqual(starts, [2, 2, 1, 1]);
    assert.equal(mostChangesPerSpp(bed.runs()), 1);
  });
});
