import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "mocha";
import { changesIn, Site } from "../../../tests/support/site";
import { SpsClient } from "../../sps/client";
import { changeNodes, setRoles } from "../../sps/cluster-changes";
import { spsCluster } from "./operations";
import type { SpsClusterKnown, SpsClusterState } from "./schema";

/** Each test leaves the cluster as it was. */
describe("SpsCluster drift", () => {
  let site: Site;
  let inputs: SpsClusterKnown;
  let state: SpsClusterState;
  let id: string;

  before(async () => {
    site = await Site.start({ spsCount: 3, nodes: [{}, { extraNics: [{ nic: "nic3", address: "10.9.0.2/24" }] }] });
    inputs = await site.cluster();
    ({ id, state } = await spsCluster.create(inputs, site.context()));
  });
  after(() => site.stop());
  beforeEach(() => {
    site.clearTraffic();
    site.log.clear();
  });

  async function read(changes: Partial<SpsClusterState> = {}) {
    const found = await spsCluster.read(id, { ...state, ...changes }, site.context());
    for (const node of site.lab.sps) assert.deepEqual(changesIn(node.traffic), []);
    return found ?? assert.fail("it is gone");
  }

  async function byHand(work: (client: SpsClient) => Promise<unknown>): Promise<void> {
    const client = await SpsClient.open(site.sps(0), site.context());
    await work(client);
    await client.close();
    site.clearTraffic();
  }

  const member = (n: number) => {
    const node = site.lab.sps[n] ?? assert.fail(`no node ${n}`);
    return { nodeId: node.nodeId, address: site.sps(n).address, roles: [] };
  };
  const changesOfCentral = () =>
    changesIn(site.lab.sps[0].traffic).filter((request) => !request.includes("transaction"));

  /** Brings the cluster back from what was read, and tells how. */
  async function repair(found: SpsClusterState): Promise<string[]> {
    site.clearTraffic();
    const updated = await spsCluster.update(id, found, inputs, site.context());
    assert.deepEqual(
      updated.state.nodes.map(({ address, roles }) => [address, roles]),
      state.nodes.map(({ address, roles }) => [address, roles]),
    );
    return changesOfCentral();
  }

  it("reports no drift of an unchanged cluster and reads it in few requests", async () => {
    const found = await read();
    assert.deepEqual(found.inputs, inputs);
    assert.deepEqual(
      spsCluster.diff(id, found.state, inputs).map(({ path }) => path),
      [],
    );
    assert.deepEqual(
      site.lab.sps.map(({ traffic }) => traffic.requests.length),
      [7, 3, 3],
    );
    assert.deepEqual(site.log.of("warn"), []);
  });

  for (const [what, changes, cause] of [
    ["is down", { port: 1 }, "connect: nothing listens there"],
    ["refuses the login", { password: "wrong-password" }, "log in: user admin was refused"],
  ] as const) {
    it(`shows a member that ${what} as unreachable with the status its cluster reports`, async () => {
      const [first, ...others] = state.members;
      assert.ok(first);
      const { address } = first.connection;
      const members = [{ ...first, connection: { ...first.connection, ...changes } }, ...others];
      const found = await read({ members });
      const [, node] = state.nodes;
      assert.deepEqual(
        found.state.nodes.map(({ lastSeen: _late, ...rest }) => rest),
        state.nodes.map(({ lastSeen: _late, ...rest }) => ({ ...rest, reachable: rest.address !== address })),
      );
      assert.equal(node?.address, address);
      assert.deepEqual(found.inputs.members, members);
      assert.equal(site.log.of("warn").length, 1);
      assert.ok(site.log.of("warn")[0]?.startsWith(`sps ${address}: ${cause}`), site.log.of("warn")[0]);
      assert.match(
        site.log.of("warn")[0] ?? "",
        /; the node is shown as unreachable, with the status that its cluster reports$/,
      );
    });
  }

  it("reports a lost managed-host role as an open step and repairs it", async () => {
    await byHand((client) => setRoles(client, member(1), ["search-local"], 10));
    const found = await read();
    assert.deepEqual(found.state.nodes[1]?.roles, ["search-local"]);
    const step = `${site.sps(1).address}: roles managed-host, search-local (takes over the whole configuration)`;
    assert.deepEqual(
      found.state.steps,
      state.steps.filter((wanted) => wanted !== step),
    );
    assert.equal(spsCluster.diff(id, found.state, inputs).length > 0, true);
    assert.deepEqual(await repair(found.state), [`PUT /api/cluster/nodes/${member(1).nodeId}`]);
  });

  it("reports a changed address as listenAddress and repairs it", async () => {
    const moved = { node: member(1), address: "10.9.0.2", roles: ["managed-host", "search-local"] };
    await byHand((client) => changeNodes(client, [moved], 10));
    const found = await read();
    assert.deepEqual((found.inputs.members as unknown[])[0], { ...inputs.members[0], listenAddress: "10.9.0.2" });
    assert.deepEqual(
      spsCluster.diff(id, found.state, inputs).map(({ path }) => path),
      ["members[0].listenAddress"],
    );
    assert.deepEqual(await repair(found.state), [`PUT /api/cluster/nodes/${member(1).nodeId}`]);
  });

  it("warns of changed ids of the cluster and of members", async () => {
    const nodes = state.nodes.map((node) => ({ ...node, nodeId: `old-${node.address}` }));
    const found = await read({ clusterId: "old", nodes });
    assert.equal(found.state.clusterId, state.clusterId);
    assert.deepEqual(
      found.state.nodes.map(({ nodeId }) => nodeId),
      state.nodes.map(({ nodeId }) => nodeId),
    );
    const central = site.sps(0).address;
    assert.deepEqual(site.log.of("warn"), [
      `sps ${central}: the cluster has the id ${state.clusterId} instead of old: another appliance answers at this address, or the node was reinstalled`,
      ...[1, 2].map(
        (n) =>
          `sps ${central}: node ${site.sps(n).address} has the id ${member(n).nodeId} instead of old-${site.sps(n).address}: another appliance took its place`,
      ),
    ]);
  });

  it("reports and warns of a member that is out of sync", async () => {
    site.lab.sps[2]?.reportIssues({ errors: [{ message: "collision", paths: [] }] });
    const isIn = async () => (await read()).state.nodes.find(({ nodeId }) => nodeId === member(2).nodeId)?.synchronized;
    for (let attempt = 1; (await isIn()) && attempt < 50; attempt += 1) site.log.clear();
    assert.match(
      site.log.of("warn").join(),
      new RegExp(`node ${site.sps(2).address} is not synchronized; it reported last 20`),
    );
    site.lab.sps[2]?.reportIssues({});
  });

  it("an unresolvable node name is not drift", async () => {
    const [first, ...others] = state.members;
    assert.ok(first);
    const members = [{ ...first, connection: { ...first.connection, address: "sps2.invalid" } }, ...others];
    assert.deepEqual((await read({ members })).inputs.members, members);
    assert.match(site.log.of("warn")[0] ?? "", /^sps sps2\.invalid: .*; the node is shown as unreachable/);
  });
});
