import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import type { Lab } from "../../lab/lab";
import { LabNetwork } from "../../lab/network/network";
import { routerSnapshot, runOnRouter } from "../contract/router-snapshot";
import { skipTests } from "../contract/skip";
import { EngineLab } from "./engine-lab";
import { lastingLines } from "./events";
import { routerProgram } from "./programs";
import { type Run, TestStack } from "./test-stack";

/*
 * Two stacks, a rename without alias and a replacement, judged by packets and by the router's own tools. It does not
 * cover two backends whose stacks and projects have the same names: those count as one stack.
 */
describe("the owner of a redirection through the real engine", function () {
  this.timeout(240_000);
  let lab: Lab;
  let network: LabNetwork;
  let engine: EngineLab;
  let other: TestStack;
  let untouched = "";

  before(async function () {
    const reason = await LabNetwork.unavailableReason();
    if (reason !== undefined) skipTests(this, reason);
    engine = await EngineLab.start(this, "engine-owner", { spsCount: 1, network: true });
    ({ lab } = engine);
    network = lab.network ?? assert.fail("the lab has no network");
    untouched = await routerSnapshot(network);
    other = await TestStack.inline("engine-other");
  });
  after(async () => {
    other?.close();
    await engine?.stop();
  });

  /** Whether a connection of the client goes through SPS and is recorded there. */
  async function assertRecorded(): Promise<void> {
    const before = (await network.auditRecords()).length;
    const { peerSeenByServer } = await network.connectFromClient("10.0.0.5", 3389);
    assert.equal(peerSeenByServer, lab.description.network?.sps.address);
    assert.equal((await network.auditRecords()).length, before + 1);
  }

  /** The rules of redirections as the router's own tools list them. */
  const listed = () =>
    runOnRouter(network, "iptables-save -t mangle | grep SPS-R-; ip -4 rule show; ip -4 route show table 10302");

  async function ownedBy(name: string, stack = "engine-owner/test"): Promise<void> {
    const [project, stackName] = stack.split("/");
    const record = await runOnRouter(network, "cat /run/sps-redirect/owner.rdp");
    assert.match(record, new RegExp(`^[0-9a-f]{12} urn:pulumi:${stackName}::${project}::.*::${name}\\n$`));
  }

  const errorsOf = (run: Run) => lastingLines(run, "error").join("\n");
  const warningsOf = (run: Run) => lastingLines(run, "warning").join("\n");

  it("creates the redirection", async () => {
    const up = await engine.run("up", routerProgram(lab));
    assert.equal(up.failure, undefined, up.output);
    await assertRecorded();
    await ownedBy("router");
  });

  it("refuses a second stack in its preview, and its destroy touches nothing", async () => {
    const before = await listed();
    const preview = await other.run("preview", routerProgram(lab));
    assert.match(
      errorsOf(preview),
      /redirection rdp exists already and belongs to resource router of stack engine-owner\/test; choose another name, or set adopt: true to take it over \[SG3201\]/,
    );
    assert.notEqual((await other.run("up", routerProgram(lab))).failure, undefined);
    assert.equal((await other.run("destroy")).failure, undefined);
    assert.equal(await listed(), before);
    await assertRecorded();
  });

  it("keeps the redirection when the resource is renamed without an alias", async () => {
    const before = await listed();
    const up = await engine.run("up", routerProgram(lab, {}, "renamed"));
    assert.deepEqual([up.failure, up.changes], [undefined, { create: 1, delete: 1, same: 1 }]);
    assert.match(
      warningsOf(up),
      /redirection rdp is not removed: it belongs to resource renamed of stack engine-owner\/test/,
    );
    assert.doesNotMatch(warningsOf(up), /NOT recorded/);
    assert.equal(await listed(), before);
    await assertRecorded();
    await ownedBy("renamed");
    const again = await engine.run("up", routerProgram(lab, {}, "renamed"));
    assert.deepEqual([again.failure, again.changes], [undefined, { same: 2 }]);
    const refresh = await engine.run("refresh");
    assert.deepEqual([refresh.failure, refresh.changes], [undefined, { same: 2 }]);
  });

  it("keeps the redirection when the resource is replaced", async () => {
    const before = await listed();
    const replace = [(await engine.stack.find("RouterRedirection"))?.urn ?? assert.fail("no resource")];
    const up = await engine.run("up", routerProgram(lab, {}, "renamed"), "usual", { replace });
    assert.deepEqual([up.failure, up.changes], [undefined, { replace: 1, same: 1 }]);
    assert.equal(await listed(), before);
    await assertRecorded();
    const refresh = await engine.run("refresh");
    assert.deepEqual([refresh.failure, refresh.changes], [undefined, { same: 2 }]);
  });

  it("hands the redirection over with adopt, and the first stack's destroy leaves it", async () => {
    const adopted = await other.run("up", routerProgram(lab, { adopt: true }));
    assert.equal(adopted.failure, undefined, adopted.output);
    assert.match(warningsOf(adopted), /takes over redirection rdp from resource renamed of stack engine-owner\/test/);
    const before = await listed();
    const destroy = await engine.run("destroy");
    assert.equal(destroy.failure, undefined, destroy.output);
    assert.match(
      warningsOf(destroy),
      /redirection rdp is not removed: it belongs to resource router of stack engine-other\/test/,
    );
    assert.equal(await listed(), before);
    await assertRecorded();
  });

  it("says that traffic is not recorded any more when the last owner destroys it", async () => {
    const destroy = await other.run("destroy");
    assert.equal(destroy.failure, undefined, destroy.output);
    assert.match(warningsOf(destroy), /redirection rdp removed: new connections go direct and are NOT recorded/);
    assert.equal(await routerSnapshot(network), untouched);
    const { peerSeenByServer } = await network.connectFromClient("10.0.0.5", 3389);
    assert.equal(peerSeenByServer, lab.description.network?.client.address);
  });
});
