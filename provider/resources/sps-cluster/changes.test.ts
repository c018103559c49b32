import assert from "node:assert/strict";
import { afterEach, describe, it } from "mocha";
import type { LabOptions } from "../../../lab/lab";
import { changesIn, Site } from "../../../tests/support/site";
import { PartialFailure } from "../../core/errors";
import { sppJoin } from "../spp-join/operations";
import { spsCluster } from "./operations";
import type { SpsClusterKnown, SpsClusterState } from "./schema";

const OPEN = "POST /api/transaction";
const COMMIT = "PUT /api/transaction";
const INTERFACE = "PUT /api/configuration/local_services/cluster";

/** Two nodes, each with another address that its cluster service could listen on. */
const TWO_ADDRESSES: LabOptions = {
  nodes: [
    { extraNics: [{ nic: "nic3", address: "10.9.0.1/24" }] },
    { extraNics: [{ nic: "nic3", address: "10.9.0.2/24" }] },
  ],
};

describe("SpsCluster changes", () => {
  let site: Site;
  let id: string;
  let state: SpsClusterState;

  afterEach(() => site.stop());

  async function build(options: LabOptions, inputs?: (site: Site) => Promise<SpsClusterKnown>): Promise<void> {
    site = await Site.start(options);
    ({ id, state } = await spsCluster.create(await (inputs?.(site) ?? site.cluster()), site.context()));
    site.clearTraffic();
    site.log.clear();
  }

  const changes = (n: number) => changesIn(site.lab.sps[n]?.traffic ?? assert.fail());
  const nodePath = (n: number) => `PUT /api/cluster/nodes/${site.lab.sps[n]?.nodeId}`;
  const addresses = () => site.lab.sps[0].nodes.map(({ address }) => address).sort();

  async function update(inputs: SpsClusterKnown): Promise<void> {
    state = (await spsCluster.update(id, state, inputs, site.context())).state;
    assert.equal(site.openTransactions, 0);
  }

  it("updates the cluster before it moves a member's interface, without a second join", async () => {
    await build(TWO_ADDRESSES);
    await update(await site.cluster({ members: [{ connection: site.sps(1), listenAddress: "10.9.0.2" }] }));
    assert.deepEqual(changes(0), [OPEN, nodePath(1), COMMIT]);
    assert.deepEqual(changes(1), [OPEN, INTERFACE, COMMIT]);
    assert.deepEqual(addresses(), ["10.9.0.2", site.sps(0).address].sort());
    assert.equal(site.lab.sps[1]?.clusterListenAddress, "10.9.0.2");
    assert.deepEqual(
      state.nodes.map(({ nodeId, address, synchronized }) => [nodeId, address, synchronized]),
      [
        [site.lab.sps[0].nodeId, site.sps(0).address, true],
        [site.lab.sps[1]?.nodeId, "10.9.0.2", true],
      ],
    );
  });

  it("moves the Central Management node's interface only after the members know of it", async () => {
    await build(TWO_ADDRESSES);
    await update(await site.cluster({ listenAddress: "10.9.0.1" }));
    assert.deepEqual(changes(0), [OPEN, nodePath(0), COMMIT, OPEN, INTERFACE, COMMIT]);
    assert.deepEqual(changes(1), []);
    assert.equal(site.lab.sps[1]?.nodes.find(({ roles }) => roles.includes("central-management"))?.address, "10.9.0.1");
    assert.deepEqual([state.clusterId, state.nodes[0]?.address], [site.lab.sps[0].nodeId, "10.9.0.1"]);
    assert.equal(state.nodes[1]?.synchronized, true);
    assert.ok(!site.log.of("warn").join().includes("SPP"));
  });

  it("completes an interrupted address change in the next run", async () => {
    await build(TWO_ADDRESSES);
    const members = [{ connection: site.sps(1), listenAddress: "10.9.0.2" }];
    const inputs = await site.cluster({ listenAddress: "10.9.0.1", members });
    const effect = { kind: "status", status: 400 } as const;
    for (const node of site.lab.sps) node.traffic.inject({ method: "PUT", path: /local_services/, effect });
    const failure = await spsCluster.update(id, state, inputs, site.context()).catch((error: unknown) => error);
    assert.ok(failure instanceof PartialFailure, String(failure));
    assert.deepEqual(addresses(), ["10.9.0.1", "10.9.0.2"]);
    assert.equal(site.lab.sps[0].clusterListenAddress, site.sps(0).address);
    site.clearTraffic();
    const resumed = await spsCluster.update(failure.id, failure.state as never, inputs, site.context());
    assert.deepEqual(
      [changes(0), changes(1)],
      [
        [OPEN, INTERFACE, COMMIT],
        [OPEN, INTERFACE, COMMIT],
      ],
    );
    assert.ok(resumed.state.nodes.every(({ synchronized }) => synchronized));
  });

  it("refuses an address that the node does not have before any change", async () => {
    await build(TWO_ADDRESSES);
    const inputs = await site.cluster({ listenAddress: "10.9.0.9" });
    await assert.rejects(spsCluster.update(id, state, inputs, site.context()), { code: "SG1205" });
    assert.deepEqual([changes(0), changes(1)], [[], []]);
  });

  const third = async () => [1, 2].map((n) => ({ connection: site.sps(n) }));
  const firstTwo = (at: Site) => at.cluster({ members: [{ connection: at.sps(1) }] });

  it("joins only the new member of a cluster without SPP and does not warn", async () => {
    await build({ spsCount: 3 }, firstTwo);
    await update(await site.cluster({ members: await third() }));
    assert.deepEqual(changes(0), [OPEN, "POST /api/cluster/nodes", COMMIT, OPEN, nodePath(2), COMMIT]);
    assert.deepEqual(changes(1), []);
    assert.deepEqual(changes(2), [OPEN, INTERFACE, COMMIT, OPEN, "POST /api/cluster/join_request", COMMIT]);
    assert.equal(state.nodes.filter(({ synchronized }) => synchronized).length, 3);
    assert.deepEqual(site.log.of("warn"), []);
  });

  it("warns before it adds a member to a cluster that is joined to SPP", async () => {
    await build({ spsCount: 3 }, firstTwo);
    await sppJoin.create(await site.join(), site.context());
    site.log.clear();
    let warned: string[] = [];
    const run = () => {
      warned = site.log.of("warn");
    };
    site.lab.sps[2]?.traffic.inject({
      method: "PUT",
      path: /local_services/,
      effect: { kind: "call", when: "before", run },
    });
    await update(await site.cluster({ members: await third() }));
    const text = `sps ${site.sps(0).address}: ${site.sps(2).address} joins a cluster that is JOINED TO SPP ALREADY: `;
    assert.ok(
      warned.some((line) => line.startsWith(text)),
      warned.join(),
    );
    assert.equal(state.nodes.length, 3);
  });

  it("refuses search-local to search-minion without a change when joined to SPP", async () => {
    await build({});
    await sppJoin.create(await site.join(), site.context());
    site.clearTraffic();
    const inputs = await site.cluster({ searchRole: "search-master" });
    await assert.rejects(spsCluster.update(id, state, inputs, site.context()), {
      message: `sps ${site.sps(1).address}: change search-local to search-minion: sessions it recorded as search-local could no longer be played from SPP, to which the cluster is joined; keep search-local; if the recordings may be lost, change the role at Basic Settings > Cluster management and run pulumi refresh [SG1212]`,
    });
    assert.deepEqual([changes(0), changes(1)], [[], []]);
    const [only] = inputs.members;
    assert.ok(only);
    await update(
      await site.cluster({ searchRole: "search-master", members: [{ ...only, searchRole: "search-local" }] }),
    );
    assert.deepEqual(changes(0), [OPEN, nodePath(0), COMMIT]);
  });

  it("warns of a needed re-join when the Central Management address changes", async () => {
    await build(TWO_ADDRESSES);
    await sppJoin.create(await site.join(), site.context());
    site.log.clear();
    await update(await site.cluster({ listenAddress: "10.9.0.1" }));
    assert.deepEqual(site.log.of("warn"), [
      `sps ${site.sps(0).address}: the address of the Central Management node changes from ${site.sps(0).address} to 10.9.0.1, and the cluster is joined to SPP: the join has to be repeated afterwards`,
    ]);
  });
});
