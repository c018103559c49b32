import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { after, before, describe, it } from "mocha";
import { Lab } from "../../lab/lab";
import { skipTests } from "../contract/skip";
import { findCli } from "./cli";
import { killWithDescendants } from "./processes";
import { ended, RolloutProject } from "./rollout-project";
import { LabSecrets } from "./secrets";

const SITES = ["berlin", "oslo", "paris"];
const JOIN = "/api/cluster/spp";

describe("a rollout of three sites through the real engine", function () {
  // Twelve starts of the engine, on a machine that runs other tests beside.
  this.timeout(900_000);
  let lab: Lab;
  let secrets: LabSecrets;
  let project: RolloutProject | undefined;

  before(async function () {
    const cli = findCli();
    if ("reason" in cli) return skipTests(this, cli.reason);
    lab = await Lab.start({ name: `rollout-${process.pid}`, speed: 20, network: false, spsCount: SITES.length });
    secrets = LabSecrets.watch(lab);
    const planted = Array.from({ length: 20 }, (_, n) => [
      `PLANTED_TOKEN_${n}`,
      secrets.add("planted secret", randomBytes(12).toString("hex")),
    ]);
    project = new RolloutProject(cli, Object.fromEntries(planted));
    project.writeBranches(SITES, lab.description, "canary: { count: 1, doctor: true }\n");
  });

  after(async () => {
    secrets?.close();
    await lab?.stop();
    project?.remove();
  });

  const rollout = (...args: string[]) => (project ?? assert.fail("no project")).start(...args);
  const output = () => project?.output ?? "";
  const inFolder = (...names: string[]) => path.join(project?.folder ?? "", ...names);
  const joins = () => lab.sps.map(({ traffic }) => traffic.count("POST", JOIN));
  const sum = (numbers: number[]) => numbers.reduce((left, right) => left + right, 0);

  const until = (isReached: () => boolean, running: ChildProcess) =>
    (project ?? assert.fail("no project")).until(isReached, running);

  it("ends with one join of each site and no lock after kills of the worker alone and with its CLI", async () => {
    const first = rollout("start", "--accept-joins", String(SITES.length));
    await until(() => sum(joins()) === 1, first);
    // Its CLI goes on, and holds the lock of the stack for a while.
    first.kill("SIGKILL");
    const second = rollout("resume");
    await until(() => sum(joins()) === 2, second);
    assert.ok(second.pid);
    killWithDescendants(second.pid);
    await pause(500);
    const code = await ended(rollout("resume"));
    assert.equal(code, 0, output());

    assert.deepEqual(joins(), [1, 1, 1]);
    assert.deepEqual(project?.locks(), []);
    assert.match(output(), /berlin: check done \(\d+ s\): \d+ create/);
    assert.match(output(), /berlin: change done, started 2 times \(\d+ s\): no changes/, "its CLI had finished alone");
    assert.match(output(), /berlin: verification done \(\d+ s\): healthy/);
    assert.match(output(), /rollout branches\.1: done, 3 of 3 sites done/);
  });

  it("shows in its report, from the journal alone, the one entry of SPP by which each site was joined", async () => {
    const pages: string[] = [];
    for (const file of ["first.html", "again.html"]) {
      assert.equal(await ended(rollout("report", "--html", file)), 0, output());
      pages.push(fs.readFileSync(inFolder(file), "utf8"));
    }
    assert.equal(pages[1], pages[0], "by another process, to the byte");
    const shown = [...(pages[0] ?? "").matchAll(/joined by \S+: entry (\d+) of SPP \S+, made at ([^<]+)</g)];
    const entries = lab.spp.sessionModules.map(({ Id, CreatedDate }) => [`${Id}`, Date.parse(`${CreatedDate}`)]);
    assert.deepEqual(
      shown.map(([, id, at = ""]) => [id, Date.parse(at)]).sort(),
      entries.sort(),
      "the joins that SPP has",
    );
    assert.equal(entries.length, SITES.length);
  });

  it("finds no drift at a site that nobody has changed", async () => {
    const { code, text } = (await project?.run("refresh", "--site", "oslo")) ?? assert.fail("no project");
    assert.equal(code, 0, text);
    assert.match(text, /\nrefresh of branches: 1 site, 0 drifted, 1 unchanged; nothing was changed\n$/);
  });

  it("writes no secret into its output, its report or its database", async () => {
    assert.equal(await ended(rollout("report", "--html", "report.html")), 0, output());
    assert.equal(secrets.count("planted secret"), 20);
    secrets.assertAbsent(output(), "the output");
    const files = project?.texts("report.html", ".rollout") ?? [];
    assert.ok(files.length > 100, "the files of the database");
    for (const [file, text] of files) secrets.assertAbsent(text, file);
  });
});
