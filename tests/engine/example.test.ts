import assert from "node:assert/strict";
import path from "node:path";
import { after, before, describe, it } from "mocha";
import { siteConfig } from "../../lab/cli/site-config";
import { Lab } from "../../lab/lab";
import { LabNetwork } from "../../lab/network/network";
import { footprintOf } from "../contract/footprint";
import { ROOT } from "../contract/front";
import { leaveOut } from "../contract/needs";
import { findCli, runsFromDisk } from "./cli";
import { order } from "./events";
import { LabSecrets } from "./secrets";
import { TestStack } from "./test-stack";

const SERVER = "10.0.0.5";

describe("the example single-site, loaded from disk by Pulumi's own language host", function () {
  this.timeout(180_000);
  let lab: Lab;
  let network: LabNetwork;
  let stack: TestStack;
  let secrets: LabSecrets;

  before(async function () {
    const cli = findCli();
    if ("reason" in cli) leaveOut(this, cli.reason);
    else if (!runsFromDisk(cli)) leaveOut(this, "this Pulumi CLI comes without pulumi-language-nodejs");
    const reason = await LabNetwork.unavailableReason();
    if (reason !== undefined) leaveOut(this, reason);
    lab = await Lab.start({ name: `engine-example-${process.pid}`, speed: 50 });
    if (!lab.network) throw new Error("the lab has no network");
    network = lab.network;
    secrets = LabSecrets.watch(lab);
    stack = await TestStack.onDisk(path.join(ROOT, "examples/single-site"));
    await stack.configure(siteConfig(lab.description));
  });
  after(async () => {
    secrets?.close();
    stack?.close();
    await lab?.stop();
  });

  it("makes the cluster, then the join, then the redirection, and traffic passes SPS", async () => {
    const { sps, client } = lab.description.network ?? assert.fail("no network");
    assert.equal((await network.connectFromClient(SERVER, 3389)).peerSeenByServer, client.address);
    const up = await stack.run("up");
    assert.deepEqual([up.failure, up.changes], [undefined, { create: 5 }], up.output);
    assert.deepEqual(order(up), [
      ...["+SpsCluster", "-SpsCluster"],
      ...["+SppJoin", "-SppJoin"],
      ...["+RouterRedirection", "-RouterRedirection"],
    ]);
    for (const port of [3389, 8080]) {
      assert.equal((await network.connectFromClient(SERVER, port)).peerSeenByServer, sps.address);
    }
    assert.equal((await network.auditRecords()).length, 2);
    secrets.assertAbsent(stack.stateText(), "the state");
    secrets.assertAbsent(up.output, "the output");
  });

  it("leaves nothing to do, and refuses to be destroyed because a join cannot be undone", async () => {
    const preview = await stack.run("preview");
    assert.deepEqual([preview.failure, preview.changes], [undefined, { same: 5 }], preview.output);
    const made = await footprintOf(network);
    const destroy = await stack.run("plan destroy");
    assert.match(destroy.failure ?? "", /protect/);
    assert.equal(await footprintOf(network), made);
    assert.equal((await stack.recorded()).filter(({ type }) => type.includes("safeguard:")).length, 4);
    assert.equal(lab.sps[0].traffic.count("POST", "/api/cluster/spp"), 1);
  });
});
