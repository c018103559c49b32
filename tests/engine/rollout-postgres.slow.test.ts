import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { after, before, describe, it } from "mocha";
import { Client } from "pg";
import { Lab } from "../../lab/lab";
import { PostgresServer } from "../../rollout/testing/postgres-server";
import { skipTests } from "../contract/skip";
import { findCli } from "./cli";
import { killWithDescendants } from "./processes";
import { ended, RolloutProject } from "./rollout-project";
import { LabSecrets } from "./secrets";

const SITES = ["berlin", "oslo"];
const STATE_TABLE = "pulumi_state";

describe("a rollout whose database and stacks are in one PostgreSQL", function () {
  this.timeout(600_000);
  let server: PostgresServer | undefined;
  let lab: Lab | undefined;
  let secrets: LabSecrets | undefined;
  let project: RolloutProject | undefined;

  before(async function () {
    const cli = findCli();
    if ("reason" in cli) return skipTests(this, cli.reason);
    if (PostgresServer.installed() === undefined) {
      return skipTests(this, "there is no PostgreSQL server; install the package postgresql");
    }
    server = await PostgresServer.start();
    lab = await Lab.start({ name: `rollout-pg-${process.pid}`, speed: 20, network: false, spsCount: SITES.length });
    secrets = LabSecrets.watch(lab);
    project = new RolloutProject(cli, {
      PULUMI_BACKEND_URL: `${server.url}?sslmode=disable&table=${STATE_TABLE}`,
      SAFEGUARD_ROLLOUT_DATABASE: server.url,
    });
    project.writeBranches(SITES, lab.description);
  });

  after(async () => {
    secrets?.close();
    project?.remove();
    await lab?.stop();
    await server?.stop();
  });

  const joins = () => (lab?.sps ?? []).map(({ traffic }) => traffic.count("POST", "/api/cluster/spp"));

  async function stateKeys(like: string): Promise<string[]> {
    const client = new Client({ connectionString: server?.url });
    await client.connect();
    try {
      const { rows } = await client.query(`SELECT key FROM ${STATE_TABLE} WHERE key LIKE $1`, [like]);
      return rows.map(({ key }) => key);
    } finally {
      await client.end();
    }
  }

  it("clears the lock that a killed worker and its CLI leave there, and makes one join of each site", async () => {
    assert.ok(project);
    const first = project.start("start", "--accept-joins", String(SITES.length));
    await project.until(() => joins().some((count) => count > 0), first);
    assert.ok(first.pid);
    killWithDescendants(first.pid);
    await pause(500);
    assert.equal((await stateKeys("%/locks/%.json")).length, 1);
    assert.equal(await ended(project.start("resume")), 0, project.output);
    assert.deepEqual(joins(), [1, 1]);
    assert.deepEqual(await stateKeys("%/locks/%.json"), []);
    assert.equal((await stateKeys("%/stacks/%.json")).length, SITES.length);
    assert.match(project.output, /rollout branches\.1: done, 2 of 2 sites done/);
  });

  it("keeps no secret in its tables", () => {
    const dump = path.join(PostgresServer.installed() ?? "", "pg_dump");
    const options = ["--exclude-table-data", STATE_TABLE, "--dbname", server?.url ?? ""];
    const { status, stdout, stderr } = spawnSync(dump, options, { encoding: "utf8", maxBuffer: 256 * 1024 * 1024 });
    assert.equal(status, 0, stderr);
    assert.match(stdout, /berlin/);
    secrets?.assertAbsent(stdout, "the database");
  });
});
