import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { hostname } from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { after, before, describe, it } from "mocha";
import { Lab } from "../../lab/lab";
import { S3Server } from "../../rollout/testing/s3-server";
import { skipTests } from "../contract/skip";
import { findCli } from "./cli";
import { killWithDescendants } from "./processes";
import { ended, killIfLeft, RolloutProject } from "./rollout-project";
import { LabSecrets } from "./secrets";

const SITES = ["berlin", "oslo"];
const LOCKS = ".pulumi/locks/";

describe("a rollout whose stacks are in S3", function () {
  this.timeout(600_000);
  let server: S3Server;
  let lab: Lab;
  let secrets: LabSecrets;
  let project: RolloutProject;
  /** A CLI that no rollout has started. */
  let other: ChildProcess | undefined;

  before(async function () {
    const cli = findCli();
    if ("reason" in cli) return skipTests(this, cli.reason);
    server = await S3Server.start("states");
    lab = await Lab.start({ name: `rollout-s3-${process.pid}`, speed: 20, network: false, spsCount: SITES.length });
    secrets = LabSecrets.watch(lab);
    const keys = {
      ...{ AWS_ACCESS_KEY_ID: secrets.add("access key", server.accessKey) },
      AWS_SECRET_ACCESS_KEY: secrets.add("secret access key", server.secretKey),
    };
    project = new RolloutProject(cli, {
      ...keys,
      // The program prints these.
      ...{ PLANTED_ID: server.accessKey, PLANTED_KEY: server.secretKey },
      PULUMI_BACKEND_URL: server.url,
      AWS_EC2_METADATA_DISABLED: "true",
    });
    project.writeBranches(SITES, lab.description);
  });

  after(async () => {
    if (other) killIfLeft(other);
    secrets?.close();
    project?.remove();
    await lab?.stop();
    server?.stop();
  });

  const joins = () => lab.sps.map(({ traffic }) => traffic.count("POST", "/api/cluster/spp"));
  const isRemoved = (lock: string) => server.requests.some(({ method, key }) => method === "DELETE" && key === lock);
  const lockOf = (stack: string) => {
    const [lock = "", ...more] = server.keys(LOCKS);
    assert.deepEqual([path.posix.dirname(lock), more], [`${LOCKS}organization/branches/${stack}`, []]);
    return lock;
  };

  it("keeps the lock of a CLI that lives, and clears it when that is dead", async () => {
    const pulumi = (...args: string[]) =>
      spawn("pulumi", [...args, "--non-interactive"], {
        ...{ cwd: `${project.folder}/site`, env: project.env },
        stdio: "ignore",
        // The system hangs up a whole process group with a stopped process when its shell ends.
        detached: true,
      });
    assert.equal(await ended(pulumi("stack", "init", "berlin")), 0);
    other = pulumi("up", "--yes", "--skip-preview", "--stack", "berlin");
    await project.until(() => joins()[0] === 1, other);
    other.kill("SIGSTOP");
    const lock = lockOf("berlin");

    const first = project.start("start", "--accept-joins", String(SITES.length));
    const waiting = `berlin: waiting: stack berlin: lock: it is locked by process ${other.pid} of ${hostname()} since `;
    await project.until(() => project.output.includes(waiting), first);
    await pause(3000);
    assert.deepEqual([lockOf("berlin"), isRemoved(lock)], [lock, false]);

    assert.ok(other.pid && first.pid);
    killWithDescendants(other.pid);
    await project.until(() => joins()[1] === 1, first);
    killWithDescendants(first.pid);
    assert.deepEqual(joins(), [1, 1]);
    assert.equal(isRemoved(lock), true);
  });

  it("clears the lock that a killed worker and its CLI leave there, and makes one join of each site", async () => {
    lockOf("oslo");
    assert.equal(await ended(project.start("resume")), 0, project.output);
    assert.deepEqual(joins(), [1, 1]);
    assert.deepEqual(server.keys(LOCKS), []);
    assert.deepEqual(server.keys(".pulumi/stacks/").filter((key) => key.endsWith(".json")).length, SITES.length);
    assert.match(project.output, /rollout branches\.1: done, 2 of 2 sites done/);
  });

  it("writes no secret and no key of S3 into its output, its report or its database", async () => {
    assert.equal(await ended(project.start("report", "--html", "report.html")), 0, project.output);
    secrets.assertAbsent(project.output, "the output");
    const files = project.texts("report.html", ".rollout");
    assert.ok(files.length > 100, "the files of the database");
    for (const [file, text] of files) secrets.assertAbsent(text, file);
  });
});
