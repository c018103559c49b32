import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "mocha";
import { Bench } from "../testing/bench";
import { at, list, type Reply } from "../testing/client";

let bench: Bench;
const NODES = "/api/cluster/nodes";
const STATUS = "/api/cluster/status";

function typeOf(reply: Reply): string {
  return `${reply.status} ${String(at(reply.body, "error").type)}`;
}

function withBench(): void {
  beforeEach(async () => {
    bench = await Bench.create();
  });
  afterEach(() => bench.stop());
}

describe("promotion to Central Management", () => {
  withBench();

  it("takes effect at commit, with the address of the cluster interface and nothing but its own role", async () => {
    const { sps, client } = await bench.startSps({ clusterAddress: "172.16.9.2" });
    await client.enableClusterInterface("nic2");
    assert.equal(sps.clusterListenAddress, "172.16.9.2");
    const promoted = await client.expect(200, client.post("/api/cluster/promote"));
    assert.deepEqual(promoted.body.body, { address: "172.16.9.2", roles: ["central-management"] });
    assert.equal(at(promoted.body, "meta").href, `${NODES}/${sps.nodeId}`);
    assert.deepEqual(sps.roles, []);
    await client.expect(200, client.commit());
    assert.deepEqual(sps.roles, ["central-management"]);
    await client.logIn();
    assert.deepEqual(at((await client.get("/api/info")).body, "body").roles, ["central-management"]);
    const node = await client.get(`${NODES}/${sps.nodeId}`);
    assert.deepEqual(at(node.body, "body"), { address: "172.16.9.2", roles: ["central-management"] });
    assert.equal(typeOf(await client.post("/api/cluster/promote")), "400 SemanticError");
  });

  it("is answered 200 or 201, and the node is listed with or without its body", async () => {
    const cases = [
      [{}, 200, undefined],
      [{ actionStatus: 201, nodeItems: "with-body" }, 201, ["central-management"]],
    ] as const;
    for (const [variant, status, roles] of cases) {
      const { client } = await bench.startSps({ variant });
      await client.enableClusterInterface();
      assert.equal((await client.post("/api/cluster/promote")).status, status);
      const [item] = list((await client.get(NODES)).body.items);
      assert.deepEqual(at(item, "body").roles, roles);
      assert.equal(at(item, "meta").status, `${STATUS}/${String(item?.key)}`);
    }
  });

  it("is refused while the cluster interface is disabled", async () => {
    const { client } = await bench.startSps();
    await client.logIn();
    assert.equal(typeOf(await client.post("/api/cluster/promote")), "400 SemanticError");
  });

  it("answers what is asked about a cluster before there is one", async () => {
    const cases = [
      [{}, 200, "400 SemanticError"],
      [{ nodesBeforePromotion: "error", statusBeforePromotion: 404 }, 400, "404 SemanticError"],
    ] as const;
    for (const [variant, nodesStatus, status] of cases) {
      const { client } = await bench.startSps({ variant });
      await client.logIn();
      const nodes = await client.get(NODES);
      assert.equal(nodes.status, nodesStatus);
      if (nodesStatus === 200) assert.deepEqual(nodes.body.items, []);
      assert.equal(typeOf(await client.get(STATUS)), status);
      const keys = list((await client.get("/api/cluster")).body.items).map(({ key }) => key);
      assert.ok(["join_request", "nodes", "promote", "status"].every((key) => keys.includes(key)));
    }
  });

  it("ends every session, or not, and may leave the appliance busy for a while", async () => {
    const { sps, client } = await bench.startSps();
    await client.enableClusterInterface();
    const other = bench.clientOf(sps);
    await other.logIn();
    await client.post("/api/cluster/promote");
    await client.commit();
    assert.deepEqual([(await client.get(NODES)).status, (await other.get(NODES)).status], [401, 401]);

    const calm = await bench.startSps({ variant: { clusterCommitSession: "kept" } });
    await calm.client.enableClusterInterface();
    await calm.client.post("/api/cluster/promote");
    await calm.client.commit();
    assert.equal((await calm.client.get(NODES)).status, 200);

    const busy = await bench.startSps();
    await busy.client.enableClusterInterface();
    busy.sps.variant.clusterCommitOutageSeconds = 100;
    await busy.client.post("/api/cluster/promote");
    assert.equal((await busy.client.commit()).status, 200);
    assert.equal((await busy.client.logIn()).status, 503);
    await bench.clock.wait(101);
    assert.equal((await busy.client.logIn()).status, 200);
  });
});

describe("joining a node to a cluster", () => {
  withBench();

  it("makes a member of it once both transactions are committed, and tells it its roles", async () => {
    const { central, member } = await bench.startCluster();
    await bench.inSync(central, member);
    const wanted = [
      {
        nodeId: central.sps.nodeId,
        address: central.sps.clusterAddress,
        roles: ["central-management", "search-local"],
      },
      { nodeId: member.sps.nodeId, address: member.sps.clusterAddress, roles: ["managed-host", "search-local"] },
    ];
    assert.deepEqual(central.sps.nodes, wanted);
    assert.deepEqual(member.sps.nodes, wanted);
    assert.deepEqual(at((await member.client.get("/api/info")).body, "body").roles, ["managed-host", "search-local"]);
    const { body } = await member.client.get(NODES);
    assert.equal(at(body, "meta").self, `${NODES}/${member.sps.nodeId}`);
    assert.equal((await member.client.get(STATUS)).status, 400);
  });

  it("needs the commit of the member", async () => {
    const central = await bench.startSps();
    const member = await bench.startSps();
    await central.client.promote();
    await member.client.enableClusterInterface();
    const address = central.sps.clusterAddress;
    const asked = await member.client.post("/api/cluster/join_request", { central_management_address: address });
    const request = at(asked.body, "body");
    assert.deepEqual(Object.keys(request).sort(), ["address", "node_id", "psk", "roles"]);
    assert.match(String(request.psk), /^[0-9a-f]{64}$/);
    assert.equal((await central.client.post(NODES, request)).status, 201);
    await central.client.commit();
    await member.client.delete("/api/transaction");
    await bench.clock.wait(25);
    assert.deepEqual(member.sps.nodes, []);
    await central.client.logIn();
    const status = await central.client.nodeStatus(member.sps.nodeId);
    assert.deepEqual([status.last_seen, status.health_status], [undefined, null]);
  });

  it("works in whichever order the two commits come, but only with the key of the join request", async () => {
    const central = await bench.startSps();
    const member = await bench.startSps();
    await central.client.promote();
    await member.client.enableClusterInterface();
    const address = central.sps.clusterAddress;
    const asked = await member.client.post("/api/cluster/join_request", { central_management_address: address });
    await member.client.commit();
    const request = at(asked.body, "body");
    await central.client.post(NODES, { ...request, psk: "another" });
    await central.client.commit();
    await bench.clock.wait(25);
    assert.deepEqual(member.sps.nodes, []);

    const other = await bench.startSps();
    await other.client.enableClusterInterface();
    const again = await other.client.post("/api/cluster/join_request", { central_management_address: address });
    await other.client.commit();
    await central.client.logIn();
    await central.client.expect(201, central.client.post(NODES, at(again.body, "body")));
    await central.client.commit();
    await bench.until("member knows its cluster", () => other.sps.nodes.length === 3);
  });

  it("finds the Central Management node by the address its cluster interface listens on, and by no other", async () => {
    const central = await bench.startSps({ clusterAddress: "172.16.9.2" });
    await central.client.enableClusterInterface("nic2");
    await central.client.post("/api/cluster/promote");
    await central.client.commit();
    await central.client.logIn();
    const found: number[] = [];
    for (const address of ["172.16.9.2", central.sps.endpoint.address, "10.99.99.99"]) {
      const member = await bench.startSps();
      await member.client.enableClusterInterface();
      const asked = await member.client.post("/api/cluster/join_request", { central_management_address: address });
      await central.client.post(NODES, at(asked.body, "body"));
      await central.client.commit();
      await central.client.logIn();
      await member.client.commit();
      await bench.clock.wait(15);
      found.push(member.sps.nodes.length);
    }
    assert.deepEqual(found, [2, 0, 0]);
  });

  it("refuses a member twice, or takes its new key where the appliance does so", async () => {
    for (const [duplicateNode, status] of [
      ["refused", 400],
      ["replaced", 201],
    ] as const) {
      const { sps, client } = await bench.startSps({ variant: { duplicateNode } });
      await client.promote();
      const node = { address: "10.0.0.9", node_id: "0b1f4c1e-77a0-4a58-8a5f-1d5a2f0f9222", psk: "a", roles: [] };
      assert.equal((await client.post(NODES, node)).status, 201);
      assert.equal((await client.post(NODES, { ...node, psk: "b" })).status, status);
      assert.equal((await client.post(NODES, { ...node, node_id: "other" })).status, 400);
      assert.equal((await client.post(NODES, { ...node, node_id: sps.nodeId })).status, 400);
    }
  });

  it("is refused to nodes in a cluster, to bodies with roles, and on nodes that manage no cluster", async () => {
    const { central, member } = await bench.startCluster();
    await bench.inSync(central, member);
    const address = { central_management_address: central.sps.clusterAddress };
    for (const { client } of [central, member]) {
      assert.equal(typeOf(await client.post("/api/cluster/join_request", address)), "400 SemanticError");
    }
    assert.equal(typeOf(await member.client.post("/api/cluster/promote")), "400 SemanticError");
    const node = { address: "10.0.0.9", node_id: "n", psk: "a", roles: [] };
    assert.equal(typeOf(await member.client.post(NODES, node)), "400 SemanticError");
    assert.equal(typeOf(await central.client.post(NODES, { ...node, roles: ["managed-host"] })), "400 SemanticError");
    assert.equal(typeOf(await central.client.post(NODES, { address: "10.0.0.9" })), "400 MalformedRequest");
    const own = { address: member.sps.clusterAddress, roles: ["managed-host", "search-minion"] };
    assert.equal(typeOf(await member.client.put(`${NODES}/${member.sps.nodeId}`, own)), "400 SemanticError");
    assert.equal(typeOf(await central.client.put(`${NODES}/unknown`, own)), "404 NotFound");
  });

  it("never shows the pre-shared key again", async () => {
    const { central, member } = await bench.startCluster();
    await bench.inSync(central, member);
    for (const path of [NODES, `${NODES}/${member.sps.nodeId}`, STATUS, "/api/transaction/changes"]) {
      assert.equal((await central.client.get(path)).bytes.includes("psk"), false, path);
    }
  });
});

describe("roles over the API", () => {
  withBench();

  it("are refused in a forbidden combination, and the working copy stays as it was", async () => {
    const { central, member } = await bench.startCluster();
    const path = `${NODES}/${central.sps.nodeId}`;
    const address = central.sps.clusterAddress;
    const forbidden = { address, roles: ["central-management", "managed-host", "search-local"] };
    assert.equal(typeOf(await central.client.put(path, forbidden)), "400 SemanticError");
    const { body } = await central.client.get(path);
    assert.deepEqual(at(body, "body").roles, ["central-management", "search-local"]);
    const master = { address, roles: ["central-management", "search-master"] };
    await central.client.expect(200, central.client.put(path, master));
    const second = { address: member.sps.clusterAddress, roles: ["managed-host", "search-master"] };
    assert.equal(typeOf(await central.client.put(`${NODES}/${member.sps.nodeId}`, second)), "400 SemanticError");
  });

  it("are checked again at commit, when two transactions each were right alone", async () => {
    const { central, member } = await bench.startCluster();
    central.sps.variant.clusterCommitSession = "kept";
    const other = bench.clientOf(central.sps);
    await other.logIn();
    const nodeIds = [central.sps.nodeId, member.sps.nodeId];
    const one = { address: central.sps.clusterAddress, roles: ["central-management", "search-master"] };
    const two = { address: member.sps.clusterAddress, roles: ["managed-host", "search-master"] };
    await central.client.expect(200, central.client.put(`${NODES}/${nodeIds[0]}`, one));
    await other.expect(200, other.put(`${NODES}/${nodeIds[1]}`, two));
    await central.client.expect(200, central.client.commit());
    assert.equal(typeOf(await other.commit()), "400 SemanticError");
  });
});
