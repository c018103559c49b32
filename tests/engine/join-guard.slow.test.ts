import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import type { Deployment, PulumiFn } from "@pulumi/pulumi/automation";
import { after, afterEach, before, describe, it } from "mocha";
import type { Lab } from "../../lab/lab";
import { LabNetwork } from "../../lab/network/network";
import { routerSnapshot } from "../contract/router-snapshot";
import { skipTests } from "../contract/skip";
import { EngineLab } from "./engine-lab";
import { lastingLines } from "./events";
import { routerArgs, siteProgram } from "./programs";
import { type Flags, resourceOf, type TestStack } from "./test-stack";

type Resource = { urn: string; created?: string; modified?: string; sourcePosition?: string; stackTrace?: unknown };

/*
 * What depends on the join, the router's rules above all, stays untouched when the deletion of the join is refused. The
 * Automation API runs `up` and `destroy` without a preview, so the refusal itself is what is tested.
 */
describe("JoinGuard", function () {
  this.timeout(120_000);
  let lab: Lab;
  let network: LabNetwork;
  let stack: TestStack;
  let engine: EngineLab;
  let made: Deployment;
  let redirected = "";
  let untouched = "";

  before(async function () {
    const reason = await LabNetwork.unavailableReason();
    if (reason !== undefined) skipTests(this, reason);
    engine = await EngineLab.start(this, "engine-join-guard", { spsCount: 1, network: true });
    ({ lab, stack } = engine);
    network = lab.network ?? assert.fail("the lab has no network");
    untouched = await routerSnapshot(network);
    const up = await stack.run("up", site());
    assert.equal(up.failure, undefined, up.output);
    made = await stack.snapshot();
    redirected = await routerSnapshot(network);
  });
  afterEach(async () => {
    const now = await stack.snapshot();
    if (JSON.stringify(now.deployment) !== JSON.stringify(made.deployment)) await stack.restore(made);
  });
  after(() => engine?.stop());

  const site = (parts: Parameters<typeof siteProgram>[1] = {}) =>
    siteProgram(lab, { routers: { edge: routerArgs(lab) }, ...parts });
  const urnOf = (type: string) => resourceOf(made, type)?.urn ?? assert.fail(`there is no ${type}`);
  const REFUSED =
    /delete join(?: guard: the join to spp .* cannot be undone, and its guard is deleted only with it|: the join to spp .* cannot be undone); nothing was sent; to drop only the record, set onDelete: "forget".*\[SG2118\]/;

  /** Runs what must be refused, and looks that router, appliances and state are as before. */
  async function refuses(operation: "up" | "destroy", program: PulumiFn | undefined, flags: Flags, reason: RegExp) {
    const before = await stack.decryptedSnapshot();
    for (const { traffic } of [...lab.sps, lab.spp]) traffic.requests.length = 0;
    const run = await engine.run(operation, program, "usual", flags);
    assert.notEqual(run.failure, undefined, run.output);
    assert.match(lastingLines(run, "error").join("\n") + run.failure, reason);
    assert.equal(await routerSnapshot(network), redirected);
    for (const { traffic } of [...lab.sps, lab.spp]) assert.deepEqual(traffic.requests, []);
    assert.deepEqual(recordsOf(await stack.decryptedSnapshot()), recordsOf(before));
  }

  /** All that a state holds of its resources, but when and where in a program, and the order of those without dependencies. */
  const recordsOf = ({ deployment }: Deployment) => {
    const { resources, pending_operations: pending = [] } = deployment as {
      resources: Resource[];
      pending_operations?: [];
    };
    const records = resources.map(({ created: _c, modified: _m, sourcePosition: _p, stackTrace: _t, ...rest }) => rest);
    return { records: records.toSorted((a, b) => (a.urn < b.urn ? -1 : 1)), pending };
  };

  const EMPTY: PulumiFn = async () => undefined;

  it("keeps the redirection when a protected site is destroyed or dropped", async () => {
    await refuses("destroy", undefined, {}, /protected/);
    await refuses("destroy", undefined, { continueOnError: true }, /protected/);
    await refuses("up", EMPTY, {}, /protected/);
  });

  it("keeps the redirection when an unprotected site is destroyed or dropped", async () => {
    await stack.cli("state", "unprotect", "--all", "--yes");
    await refuses("destroy", undefined, {}, REFUSED);
    await refuses("destroy", undefined, { continueOnError: true }, REFUSED);
    await refuses("up", EMPTY, {}, REFUSED);
  });

  it("keeps the redirection on a targeted destroy of any part", async () => {
    await stack.cli("state", "unprotect", "--all", "--yes");
    for (const type of ["SppJoin", "SpsCluster", "RouterRedirection", "Site"]) {
      await refuses("destroy", undefined, { target: [urnOf(type)], targetDependents: true }, REFUSED);
    }
    await refuses("destroy", undefined, { target: [urnOf("RouterRedirection")] }, /depend/);
  });

  it("refuses to replace a join before anything is recorded, and the next up is clean", async () => {
    const open = site({ protect: false });
    assert.equal((await engine.run("up", open)).failure, undefined);
    for (const type of ["SppJoin", "JoinGuard"]) {
      await refuses("up", open, { replace: [urnOf(type)] }, REFUSED);
      const next = await engine.run("up", open);
      assert.deepEqual([next.failure, next.changes], [undefined, { same: 6 }], next.output);
    }
  });

  it("names the command that drops the old records after a rename, and the next up is clean", async () => {
    await stack.cli("state", "unprotect", "--all", "--yes");
    const renamed = site({ name: "renamed" });
    await network.exec("router", ["cp", "-a", "/run/sps-redirect", "/run/recorded"]);
    const run = await engine.run("up", renamed);
    const error = lastingLines(run, "error").join("\n");
    assert.match(error, REFUSED);
    const [, command = ""] = /after a rename, drop the old record with `pulumi ([^`]*)`/.exec(error) ?? [];
    await stack.cli(...command.replaceAll("'", "").split(" "), "--yes");
    const next = await engine.run("up", renamed);
    assert.equal(next.failure, undefined, next.output);
    assert.deepEqual(
      (await stack.recorded()).filter(({ urn }) => /::site/.test(urn)),
      [],
    );
    assert.equal((await stack.find("SppJoin"))?.protect, true);
    assert.equal(await routerSnapshot(network), redirected);
    const again = await engine.run("up", renamed);
    assert.deepEqual([again.failure, again.changes], [undefined, { same: 6 }]);
    assert.equal(lab.sps[0].traffic.count("POST", "/api/cluster/spp"), 0);
    // The renamed resource owns the redirection now; the state that the next test begins with is of the old one.
    await network.exec("router", ["cp", "-a", "/run/recorded/.", "/run/sps-redirect/"]);
  });

  it("refuses to drop the guard alone, and names the command that does", async () => {
    await stack.cli("state", "unprotect", "--all", "--yes");
    const [guard, run] = [
      urnOf("JoinGuard"),
      await engine.run("destroy", undefined, "usual", { target: [urnOf("JoinGuard")] }),
    ];
    const error = lastingLines(run, "error").join("\n");
    assert.match(error, REFUSED);
    const [, command = ""] = /to drop the guard alone, run `pulumi ([^`]*)`/.exec(error) ?? [];
    await stack.cli(...command.replaceAll("'", "").split(" "), "--yes");
    const urnsIn = (state: Deployment) => recordsOf(state).records.map(({ urn }) => urn);
    assert.deepEqual(
      urnsIn(await stack.snapshot()),
      urnsIn(made).filter((urn) => urn !== guard),
    );
    assert.equal(await routerSnapshot(network), redirected);
  });

  it("removes one router that the program no longer names", async () => {
    const run = await engine.run("up", siteProgram(lab));
    assert.deepEqual([run.failure, run.changes.delete], [undefined, 1], run.output);
    assert.notEqual(await routerSnapshot(network), redirected);
    await engine.run("up", site());
    assert.equal(await routerSnapshot(network), redirected);
    made = await stack.snapshot();
  });

  it("removes a site with the program and the commands of the documentation", async () => {
    const page = readFileSync(path.join(__dirname, "../../docs/join.md"), "utf8");
    const [, section = ""] = page.split("\n## Removing\n");
    const [, code = ""] = /```ts\n([\s\S]*?)```/.exec(section) ?? [];
    const [, commands = ""] = /```sh\n([\s\S]*?)```/.exec(section) ?? [];
    assert.match(code, /\n {2}onDelete: "forget",\n {2}protect: false,\n/);
    const allowed = site({ onDelete: "forget", protect: false });
    for (const command of commands.trim().split("\n")) {
      if (command === "pulumi up") assert.equal((await engine.run("up", allowed)).failure, undefined);
      else await stack.cli(...command.replace(/^pulumi /, "").split(" "), "--yes", "--skip-preview");
    }
    assert.deepEqual(await stack.recorded(), []);
    assert.equal(await routerSnapshot(network), untouched);
    assert.equal(lab.spp.sessionModules.length, 1, "the appliances stay joined");
  });
});
