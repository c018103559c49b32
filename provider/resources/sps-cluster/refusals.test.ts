import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, describe, it } from "mocha";
import type { LabOptions } from "../../../lab/lab";
import { failureOf } from "../../../tests/support/failure";
import { changesIn, Site } from "../../../tests/support/site";
import type { ApplianceConnection } from "../../core/connection";
import { PartialFailure, SafeguardError } from "../../core/errors";
import { SpsClient } from "../../sps/client";
import { promote } from "../../sps/cluster-changes";
import { planClusterInterface } from "../../sps/network";
import { spsCluster } from "./operations";
import type { SpsClusterKnown } from "./schema";

describe("SpsCluster refusals", () => {
  let site: Site;
  afterEach(() => site.stop());

  async function start(options: LabOptions = {}): Promise<void> {
    site = await Site.start(options);
  }

  /** The failure of a creation that must not have changed anything. */
  async function refusal(inputs: SpsClusterKnown): Promise<SafeguardError> {
    site.clearTraffic();
    const error = await failureOf(spsCluster.create(inputs, site.context()), SafeguardError);
    site.assertNoSecret(error.message);
    assert.deepEqual(
      site.lab.sps.map((node) => changesIn(node.traffic)),
      site.lab.sps.map(() => []),
    );
    return error;
  }

  /** The failure of a creation that had begun, with what it recorded. */
  async function partialFailure(inputs: SpsClusterKnown): Promise<PartialFailure> {
    const error = await failureOf(spsCluster.create(inputs, site.context()), PartialFailure);
    site.assertNoSecret(...error.reasons);
    assert.equal(site.openTransactions, 0);
    return error;
  }

  async function promoteByHand(n: number): Promise<void> {
    const client = await SpsClient.open(site.sps(n), site.context());
    await (await planClusterInterface(client, site.sps(n).address))?.(10);
    await promote(client, 10);
    await client.close();
  }

  it("refuses a member that is in a cluster of its own", async () => {
    await start();
    await promoteByHand(1);
    const [central, member] = [site.sps(0).address, site.sps(1).address];
    assert.equal(
      (await refusal(await site.cluster())).message,
      `sps ${member}: join the cluster of ${central}: node is already managed by itself, in a cluster of its own; remove it there or leave it out of members; it is managed by ${member} [SG1203]`,
    );
  });

  it("refuses a Central Management node that another node manages", async () => {
    await start();
    await spsCluster.create(await site.cluster(), site.context());
    const [central, member] = [site.sps(0).address, site.sps(1).address];
    const inputs = await site.cluster({ centralManagement: site.sps(1), members: [] });
    assert.equal(
      (await refusal(inputs)).message,
      `sps ${member}: promote to central management: node is already managed by ${central}; remove it there or point centralManagement at ${central} [SG1203]`,
    );
  });

  it("refuses a member that another node manages", async () => {
    await start({ spsCount: 3 });
    const [, second, third] = [0, 1, 2].map((n) => ({ connection: site.sps(n) }));
    assert.ok(second && third);
    await spsCluster.create(await site.cluster({ members: [second] }), site.context());
    await promoteByHand(2);
    const inputs = await site.cluster({ centralManagement: third.connection, members: [second] });
    const failure = await refusal(inputs);
    assert.equal(failure.code, "SG1203");
    assert.equal(failure.text.cause, `node is already managed by ${site.sps(0).address}`);
  });

  it("refuses nodes with different firmware versions", async () => {
    await start({ nodes: [{ firmwareVersion: "8.0.0" }, { firmwareVersion: "7.5.1" }] });
    assert.equal(
      (await refusal(await site.cluster())).message,
      `sps ${site.sps(1).address}: compare firmware: it runs 7.5.1, the Central Management node 8.0.0; upgrade all nodes to the same version first [SG1201]`,
    );
  });

  it("refuses one node under two addresses, recognized by its id", async () => {
    await start({ nodes: [{}, { extraNics: [{ nic: "nic3", address: "10.9.0.2/24" }] }] });
    await spsCluster.create(await site.cluster(), site.context());
    const connection = site.sps(1);
    const inputs = await site.cluster({ members: [{ connection }, { connection, listenAddress: "10.9.0.2" }] });
    const failure = await refusal(inputs);
    assert.deepEqual([failure.code, failure.text.cause], ["SG1213", `it is the same node as ${connection.address}`]);
  });

  it("fails when a member has a pending join request and SPS refuses a second one", async () => {
    await start({ sps: { variant: { joinRequestTwice: "refused" } } });
    await requestByHand(1);
    const failure = await partialFailure(await site.cluster());
    assert.equal(
      failure.message,
      `sps ${site.sps(1).address}: ask to join the cluster: it answered 400: This node has asked to join a cluster already; cancel the open request at Basic Settings > Cluster management of that node, then run pulumi up again [SG1214]`,
    );
    assert.deepEqual(site.lab.sps[0].nodes.length, 1);
  });

  it("joins a member with a pending join request when SPS accepts a second one", async () => {
    await start();
    await requestByHand(1);
    const { state } = await spsCluster.create(await site.cluster(), site.context());
    assert.equal(site.lab.sps[1]?.traffic.count("POST", "/api/cluster/join_request"), 2);
    assert.equal(state.nodes[1]?.synchronized, true);
  });

  /** Lets a node ask to join the first one, which never hears of it. */
  async function requestByHand(n: number): Promise<void> {
    const client = await SpsClient.open(site.sps(n), site.context());
    await (await planClusterInterface(client, site.sps(n).address))?.(10);
    await client.send("POST", "/api/transaction");
    await client.send("POST", "/api/cluster/join_request", { central_management_address: site.sps(0).address });
    await client.send("PUT", "/api/transaction", { status: "commit" });
    await client.close();
  }

  const connections: [string, Partial<ApplianceConnection>, string][] = [
    ["the password is wrong", { password: "wrong-password" }, "SG1013"],
    ["its certificate is not trusted", { ca: undefined }, "SG1011"],
    ["it is not the pinned one", { certificateSha256: "ab".repeat(32) }, "SG1011"],
    ["nothing listens", { port: 1 }, "SG1010"],
    ["the password is not to be found", { password: undefined, passwordEnv: "SAFEGUARD_TEST_UNSET" }, "SG1001"],
  ];
  for (const n of [0, 1]) {
    it(`refuses before any change when the login to node ${n + 1} fails`, async () => {
      await start();
      for (const [name, changes, code] of connections) {
        const [first, second] = [0, 1].map((m) => site.sps(m, m === n ? changes : {}));
        assert.ok(first && second);
        const inputs = await site.cluster({ centralManagement: first, members: [{ connection: second }] });
        const failure = await refusal(inputs);
        assert.equal(failure.code, code, name);
        assert.equal(failure.text.object, `sps ${site.sps(n).address}`, name);
        assert.ok(!failure.message.includes("wrong-password"));
      }
    });
  }

  it("refuses an SPP at the address of SPS", async () => {
    await start({ spsCount: 1 });
    const inputs = await site.cluster({ centralManagement: site.spp() });
    assert.equal((await refusal(inputs)).code, "SG1012");
    assert.deepEqual(changesIn(site.lab.spp.traffic), []);
  });

  it("refuses a listenAddress that the member does not have", async () => {
    await start();
    const members = [{ connection: site.sps(1), listenAddress: "10.9.9.9" }];
    const failure = await refusal(await site.cluster({ members }));
    assert.equal(failure.code, "SG1205");
    assert.equal(failure.text.cause, `the node has no address 10.9.9.9; it has ${site.sps(1).address}`);
  });

  it("refuses before any change when the account lacks a privilege", async () => {
    await start({ spsCount: 1, sps: { privileges: { clusterManagement: "read" } } });
    const failure = await refusal(await site.cluster());
    assert.match(
      failure.message,
      /check rights: user admin may not change \/api\/cluster; .*give the user read and write/,
    );
  });

  it("fails when an administrator holds the lock too long, and the next run resumes", async () => {
    await start({ spsCount: 1 });
    site.lab.faults.on("sps-locked");
    const inputs = await site.cluster({ timeouts: { stepSeconds: 1 } });
    const failure = await partialFailure(inputs);
    assert.match(failure.message, /wait for the configuration lock: not reached within 1 s .* \[SG1204\]$/);
    site.lab.faults.clear();
    const state = failure.state as never;
    const updated = await spsCluster.update(failure.id, state, inputs, site.context());
    assert.deepEqual(updated.state.nodes[0]?.roles, ["central-management", "search-local"]);
  });

  it("waits until an administrator releases the lock", async () => {
    await start({ spsCount: 1 });
    const [node] = site.lab.sps;
    site.lab.faults.on("sps-locked");
    const creation = spsCluster.create(await site.cluster(), site.context());
    while (node.traffic.count("POST", "/api/transaction") < 2) await pause(5);
    site.lab.faults.off("sps-locked");
    await creation;
    assert.equal(node.traffic.count("POST", "/api/cluster/promote"), 1);
  });

  it("fails when a member never synchronizes, and the next run only waits", async () => {
    await start();
    site.lab.faults.on("sps-sync-stuck");
    const inputs = await site.cluster({ timeouts: { synchronizationSeconds: 1 } });
    const failure = await partialFailure(inputs);
    assert.match(
      failure.message,
      /wait for configuration synchronization of all managed hosts: not reached within 1 s \(last seen: [\d.]+ (is pending|is not-fetched|has never reported \(not-fetched\))\); open Basic Settings > Cluster management .* \[SG1210\]$/,
    );
    const addresses = [site.sps(0).address, site.sps(1).address];
    const done = failure.reasons[1] ?? "";
    for (const step of [
      ...addresses.map((address) => `${address}: cluster interface enabled`),
      `${addresses[0]}: promoted`,
      `${addresses[1]}: joined the cluster`,
      `${addresses[1]}: roles managed-host, search-local`,
    ]) {
      assert.ok(done.includes(step), `${step} is not in: ${done}`);
    }
    assert.equal(failure.state.clusterId, site.lab.sps[0].nodeId);

    site.lab.faults.clear();
    site.clearTraffic();
    // A longer limit is an access-only change, but the cluster is not complete yet.
    const patient = await site.cluster({ timeouts: { synchronizationSeconds: 20 } });
    const updated = await spsCluster.update(failure.id, failure.state as never, patient, site.context());
    assert.equal(updated.state.nodes[1]?.synchronized, true);
    for (const node of site.lab.sps) assert.deepEqual(changesIn(node.traffic), []);
  });

  it("fails when a member reports synchronization errors", async () => {
    await start();
    site.lab.sps[1]?.reportIssues({ errors: [{ message: "collision", paths: [] }] });
    const failure = await partialFailure(await site.cluster({ timeouts: { synchronizationSeconds: 1 } }));
    assert.match(failure.message, /last seen: [\d.]+ is outdated, with 1 error/);
  });

  it("fails without a change when the node is out of memory", async () => {
    await start({ spsCount: 1 });
    site.lab.faults.on("sps-out-of-memory");
    const failure = await partialFailure(await site.cluster({ timeouts: { stepSeconds: 1 } }));
    assert.match(failure.message, /last seen: it answered 500: no explanation/);
    assert.deepEqual(site.lab.sps[0].roles, []);
  });
});
