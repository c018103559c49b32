import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "mocha";
import { changesIn, Site } from "../../../tests/support/site";
import { SpsClient } from "../../sps/client";
import { setRoles } from "../../sps/cluster-changes";
import { spsCluster } from "./operations";
import { describeSteps } from "./plan";
import type { SpsClusterKnown, SpsClusterState } from "./schema";

const OPEN = "POST /api/transaction";
const COMMIT = "PUT /api/transaction";
const ENABLE = "PUT /api/configuration/local_services/cluster";

/** Runs through in order: each test begins where the one before ended. */
describe("SpsCluster life cycle", () => {
  let site: Site;
  let inputs: SpsClusterKnown;
  let id: string;
  let state: SpsClusterState;

  before(async () => {
    site = await Site.start();
    inputs = await site.cluster();
  });
  after(() => site.stop());
  beforeEach(() => {
    site.clearTraffic();
    site.log.clear();
  });

  const nodes = () => site.lab.sps;
  const changes = (n: number) => changesIn(nodes()[n]?.traffic ?? assert.fail());
  const requestCount = () => nodes().reduce((sum, node) => sum + node.traffic.requests.length, 0);

  /** A state as the engine hands it back. */
  const recorded = (): SpsClusterState => JSON.parse(JSON.stringify(state));

  it("sends each changing request once, in the vendor's order", async () => {
    ({ id, state } = await spsCluster.create(inputs, site.context()));
    const [central, member] = nodes().map((node) => node.nodeId);
    assert.deepEqual(changes(0), [
      ...[OPEN, ENABLE, COMMIT],
      ...[OPEN, "POST /api/cluster/promote", COMMIT],
      ...[OPEN, `PUT /api/cluster/nodes/${central}`, COMMIT],
      ...[OPEN, "POST /api/cluster/nodes", COMMIT],
      ...[OPEN, `PUT /api/cluster/nodes/${member}`, COMMIT],
    ]);
    assert.deepEqual(changes(1), [...[OPEN, ENABLE, COMMIT], ...[OPEN, "POST /api/cluster/join_request", COMMIT]]);
    assert.equal(site.openTransactions, 0);
  });

  it("records the cluster as it was read back", () => {
    const [central, member] = site.lab.description.sps;
    assert.equal(id, central?.address);
    const { lastSeen } = state.nodes[1] ?? {};
    assert.match(lastSeen ?? "", /^\d{4}-\d\d-\d\dT.*Z$/);
    assert.deepEqual(state, {
      ...inputs,
      steps: describeSteps(inputs),
      clusterId: central?.nodeId,
      version: "8.0.0",
      nodes: [
        {
          nodeId: central?.nodeId,
          address: central?.clusterAddress,
          hostName: "sps1.lab.example",
          roles: ["central-management", "search-local"],
          synchronized: true,
          reachable: true,
          version: "8.0.0",
        },
        {
          nodeId: member?.nodeId,
          address: member?.clusterAddress,
          hostName: "sps2.lab.example",
          roles: ["managed-host", "search-local"],
          synchronized: true,
          lastSeen,
          reachable: true,
          version: "8.0.0",
        },
      ],
    });
    assert.deepEqual(
      nodes().map((node) => node.roles),
      [
        ["central-management", "search-local"],
        ["managed-host", "search-local"],
      ],
    );
  });

  it("changes nothing when the cluster is created again", async () => {
    const again = await spsCluster.create(inputs, site.context());
    assert.deepEqual([changes(0), changes(1)], [[], []]);
    assert.equal(again.state.clusterId, state.clusterId);
    assert.ok(requestCount() > 0, "it looked");
  });

  it("reports no difference against its own state", async () => {
    assert.deepEqual(
      spsCluster.diff(id, recorded(), inputs).map(({ path }) => path),
      [],
    );
  });

  it("verifies a resumed cluster without a change when nothing differs", async () => {
    await spsCluster.update(id, recorded(), inputs, site.context());
    assert.deepEqual([changes(0), changes(1)], [[], []]);
    assert.ok(requestCount() > 0, "it looked");
  });

  it("records new credentials and time limits without a request", async () => {
    const passwordEnv = "SAFEGUARD_TEST_UNSET";
    const news = await site.cluster({
      centralManagement: { ...site.sps(0), password: undefined, passwordEnv, username: "other" },
      timeouts: { stepSeconds: 7 },
    });
    const paths = spsCluster.diff(id, recorded(), news).map(({ path }) => path);
    assert.deepEqual(paths.sort(), [
      "centralManagement.password",
      "centralManagement.passwordEnv",
      "centralManagement.username",
      "timeouts.stepSeconds",
    ]);
    const updated = await spsCluster.update(id, recorded(), news, site.context());
    assert.equal(requestCount(), 0);
    assert.deepEqual(updated.state, { ...state, ...news });
  });

  it("reads an unchanged cluster without a difference", async () => {
    const read = await spsCluster.read(id, recorded(), site.context());
    assert.deepEqual(read?.inputs, inputs);
    assert.equal(read?.id, id);
    assert.deepEqual(read?.state.clusterId, state.clusterId);
    assert.deepEqual([changes(0), changes(1)], [[], []]);
    assert.deepEqual(
      spsCluster.diff(id, read?.state as SpsClusterState, inputs).map(({ path }) => path),
      [],
    );
  });

  it("reports a role changed by hand as drift and repairs only that role", async () => {
    const [central, member] = nodes();
    const client = await SpsClient.open(site.sps(0), site.context());
    const listed = { nodeId: member?.nodeId ?? "", address: member?.clusterAddress ?? "", roles: [] };
    await setRoles(client, listed, ["managed-host", "search-minion"], 10);
    await client.close();
    site.clearTraffic();

    const read = await spsCluster.read(id, recorded(), site.context());
    assert.ok(read);
    assert.deepEqual(read.inputs.members, [{ ...inputs.members[0], searchRole: "search-minion" }]);
    assert.deepEqual(spsCluster.diff(id, read.state, inputs), [
      { path: "members[0].searchRole", kind: "update", replaces: false },
    ]);
    const updated = await spsCluster.update(id, read.state, inputs, site.context());
    assert.deepEqual(updated.state.nodes[1]?.roles, ["managed-host", "search-local"]);
    assert.deepEqual(changes(0), [OPEN, `PUT /api/cluster/nodes/${member?.nodeId}`, COMMIT]);
    assert.deepEqual(changes(1), []);
    assert.deepEqual(central.openTransactions, 0);
  });

  it("moves the search master role between nodes in the order the cluster allows", async () => {
    const roles = () => nodes().map((node) => node.roles.find((role) => role.startsWith("search-")));
    for (const [centralRole, memberRole] of [
      ["search-master", "search-minion"],
      ["search-minion", "search-master"],
      ["search-master", "search-minion"],
      ["search-local", "search-local"],
    ] as const) {
      const [only] = inputs.members;
      assert.ok(only);
      const members = [{ ...only, searchRole: memberRole }];
      const news = await site.cluster({ searchRole: centralRole, members });
      state = (await spsCluster.update(id, recorded(), news, site.context())).state;
      assert.deepEqual(roles(), [centralRole, memberRole]);
    }
    assert.equal(site.openTransactions, 0);
  });

  it("fails a read when the node is unreachable instead of dropping the cluster", async () => {
    site.lab.faults.on("sps-5xx");
    await assert.rejects(spsCluster.read(id, recorded(), site.context()), { code: "SG1015" });
    site.lab.faults.clear();
    const states: [string, Partial<SpsClusterState["centralManagement"]>][] = [
      ["SG1013", { password: "wrong" }],
      ["SG1010", { port: 1 }],
      ["SG1011", { ca: undefined }],
      ["SG1001", { password: undefined, passwordFile: "/nonexistent/secret" }],
    ];
    for (const [code, changed] of states) {
      const centralManagement = { ...inputs.centralManagement, ...changed };
      await assert.rejects(spsCluster.read(id, { ...recorded(), centralManagement }, site.context()), { code });
    }
  });

  it("fails a read when the node is no longer the Central Management node", async () => {
    const centralManagement = site.sps(1);
    await assert.rejects(spsCluster.read(id, { ...recorded(), centralManagement }, site.context()), {
      code: "SG1203",
      message: `sps ${centralManagement.address}: read the cluster: the node is no longer the Central Management node; its roles are managed-host, search-local; point centralManagement at the node that is [SG1203]`,
    });
  });

  it("warns of members that the program does not name and leaves them unchanged", async () => {
    const news = await site.cluster({ members: [] });
    const updated = await spsCluster.update(id, recorded(), news, site.context());
    assert.deepEqual([changes(0), changes(1)], [[], []]);
    assert.equal(updated.state.nodes.length, 2);
    assert.deepEqual(site.log.of("warn"), [
      `sps ${site.sps(0).address}: the cluster also has ${site.sps(1).address}; they stay members as they are`,
    ]);
  });

  it("removes the cluster only from the state, without a request", async () => {
    await spsCluster.delete(id, recorded(), site.context());
    assert.equal(requestCount(), 0);
    assert.deepEqual(site.log.of("warn"), [
      `sps ${site.sps(0).address}: no longer managed by this program; the appliance stays Central Management node, its members stay members`,
    ]);
  });
});

describe("detection of a deleted cluster", () => {
  let site: Site;
  before(async () => {
    site = await Site.start({ spsCount: 1 });
  });
  after(() => site.stop());

  it("treats the cluster as deleted when its Central Management node is in no cluster", async () => {
    const state = { ...(await site.cluster()), clusterId: "6d5c9a10", version: "8.0.0", nodes: [], steps: [] };
    assert.equal(await spsCluster.read("10.0.0.1", state, site.context()), undefined);
  });
});
