import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { withTestBench } from "../testing/hooks";
import type { TestBench } from "../testing/test-bench";
import { at, list, statusAndType } from "../testing/test-client";

let bench: TestBench;
const NODES = "/api/cluster/nodes";
const STATUS = "/api/cluster/status";

function withBench(): void {
  withTestBench((created) => {
    bench = created;
  });
}

describe("promotion to Central Management node", () => {
  withBench();

  it("promotes a node at commit, with the address of its cluster interface", async () => {
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
    assert.equal(statusAndType(await client.post("/api/cluster/promote")), "400 SemanticError");
  });

  it("answers a promotion with 200 or 201 and lists nodes with or without a body", async () => {
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

  it("refuses a promotion while the cluster interface is disabled", async () => {
    const { client } = await bench.startSps();
    await client.logIn();
    assert.equal(statusAndType(await client.post("/api/cluster/promote")), "400 SemanticError");
  });

  it("answers cluster requests before a cluster exists", async () => {
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
      assert.equal(statusAndType(await client.get(STATUS)), status);
      const keys = list((await client.get("/api/cluster")).body.items).map(({ key }) => key);
      assert.ok(["join_request", "nodes", "promote", "status"].every((key) => keys.includes(key)));
    }
  });

  it("ends all sessions after a promotion, keeps them, or answers 503 for some time", async () => {
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

describe("adding a node to a cluster", () => {
  withBench();

  it("adds a node after both commits and sends the node its roles", async () => {
    const { central, member } = await bench.startCluster();
    await bench.waitUntilSynchronized(central, member);
    const expected = [
      {
        nodeId: central.sps.nodeId,
        address: central.sps.clusterAddress,
        roles: ["central-management", "search-local"],
      },
      { nodeId: member.sps.nodeId, address: member.sps.clusterAddress, roles: ["managed-host", "search-local"] },
    ];
    assert.deepEqual(central.sps.nodes, expected);
    assert.deepEqual(member.sps.nodes, expected);
    assert.deepEqual(at((await member.client.get("/api/info")).body, "body").roles, ["managed-host", "search-local"]);
    const { body } = await member.client.get(NODES);
    assert.equal(at(body, "meta").self, `${NODES}/${member.sps.nodeId}`);
    assert.equal((await member.client.get(STATUS)).status, 400);
  });

  it("does not add a node whose own transaction is rolled back", async () => {
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

  it("adds a node in any order of commits, but only with the key of its join request", async () => {
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
    await bench.waitUntil("member knows its cluster", () => other.sps.nodes.length === 3);
  });

  it("finds the Central Management node only by the address of its cluster interface", async () => {
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

  it("refuses a node that is already listed, or replaces its key, by variant", async () => {
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

  it("refuses nodes of a cluster, bodies with roles, and requests to managed hosts", async () => {
    const { central, member } = await bench.startCluster();
    await bench.waitUntilSynchronized(central, member);
    const address = { central_management_address: central.sps.clusterAddress };
    for (const { client } of [central, member]) {
      assert.equal(statusAndType(await client.post("/api/cluster/join_request", address)), "400 SemanticError");
    }
    assert.equal(statusAndType(await member.client.post("/api/cluster/promote")), "400 SemanticError");
    const node = { address: "10.0.0.9", node_id: "n", psk: "a", roles: [] };
    assert.equal(statusAndType(await member.client.post(NODES, node)), "400 SemanticError");
    assert.equal(
      statusAndType(await central.client.post(NODES, { ...node, roles: ["managed-host"] })),
      "400 SemanticError",
    );
    assert.equal(statusAndType(await central.client.post(NODES, { address: "10.0.0.9" })), "400 MalformedRequest");
    const own = { address: member.sps.clusterAddress, roles: ["managed-host", "search-minion"] };
    assert.equal(statusAndType(await member.client.put(`${NODES}/${member.sps.nodeId}`, own)), "400 SemanticError");
    assert.equal(statusAndType(await central.client.put(`${NODES}/unknown`, own)), "404 NotFound");
  });

  it("never returns the pre-shared key of a node", async () => {
    const { central, member } = await bench.startCluster();
    await bench.waitUntilSynchronized(central, member);
    for (const path of [NODES, `${NODES}/${member.sps.nodeId}`, STATUS, "/api/transaction/changes"]) {
      assert.equal((await central.client.get(path)).bytes.includes("psk"), false, path);
    }
  });
});

describe("roles of cluster nodes over the API", () => {
  withBench();

  it("refuses a forbidden combination of roles and keeps the working copy", async () => {
    const { central, member } = await bench.startCluster();
    const path = `${NODES}/${central.sps.nodeId}`;
    const address = central.sps.clusterAddress;
    const forbidden = { address, roles: ["central-management", "managed-host", "search-local"] };
    assert.equal(statusAndType(await central.client.put(path, forbidden)), "400 SemanticError");
    const { body } = await central.client.get(path);
    assert.deepEqual(at(body, "body").roles, ["central-management", "search-local"]);
    const master = { address, roles: ["central-management", "search-master"] };
    await central.client.expect(200, central.client.put(path, master));
    const second = { address: member.sps.clusterAddress, roles: ["managed-host", "search-master"] };
    assert.equal(statusAndType(await central.client.put(`${NODES}/${member.sps.nodeId}`, second)), "400 SemanticError");
  });

  it("refuses the commit of roles that conflict with another transaction", async () => {
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
    assert.equal(statusAndType(await other.commit()), "400 SemanticError");
  });
});
