import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { ScriptedAppliance, scriptedSps } from "../../tests/support/scripted-appliance";
import { scriptedClients } from "../../tests/support/scripted-clients";
import { listNodes, membersOf, readInfo, sameRoles } from "./cluster";

describe("comparison of roles", () => {
  const roles = fc.uniqueArray(fc.constantFrom("central-management", "managed-host", "search-local", "search-minion"));

  it("compares roles without regard to order", () => {
    fc.assert(
      fc.property(roles, fc.func(fc.integer()), (given, rank) => {
        const shuffled = [...given].sort((a, b) => Number(rank(a)) - Number(rank(b)));
        assert.equal(sameRoles(given, shuffled), true);
      }),
    );
  });

  it("finds a missing, an extra and a different role", () => {
    fc.assert(
      fc.property(roles, (given) => {
        assert.equal(sameRoles(given, [...given, "search-master"]), false);
        if (given.length > 0) assert.equal(sameRoles(given.slice(1), given), false);
      }),
    );
  });
});

describe("the members of a cluster", () => {
  const node = (nodeId: string, ...roles: string[]) => ({ nodeId, address: "", roles });
  const [central, member, other] = [node("a", "central-management"), node("b", "managed-host"), node("c")];

  it("counts all nodes but the Central Management node as members, marked or not", () => {
    const nodes = [central, member, other];
    for (const selfId of ["a", undefined]) assert.deepEqual(membersOf({ nodes, selfId }), [member, other]);
    assert.deepEqual(membersOf({ nodes, selfId: "c" }), [member]);
    assert.deepEqual(membersOf({ nodes: [], selfId: undefined }), []);
  });
});

describe("the cluster as reported by a node", () => {
  const { sps: open } = scriptedClients();

  it("lists the cluster nodes with addresses and roles, and marks the node itself", async () => {
    const client = await open(
      await scriptedSps({
        "/api/cluster/nodes": {
          items: [
            { key: "one", meta: { href: "/api/cluster/nodes/one" } },
            { meta: { href: "/api/cluster/nodes/two" } },
          ],
          meta: { self: "/api/cluster/nodes/two" },
        },
        "/api/cluster/nodes/one": { key: "one", body: { address: "10.0.0.1", roles: ["central-management"] } },
        "/api/cluster/nodes/two": { key: "two", body: { address: "10.0.0.2" } },
      }),
    );
    assert.deepEqual(await listNodes(client), {
      nodes: [
        { nodeId: "one", address: "10.0.0.1", roles: ["central-management"] },
        { nodeId: "two", address: "10.0.0.2", roles: [] },
      ],
      selfId: "two",
    });
  });

  it("lists no nodes outside any cluster, for an empty list and for a refusal", async () => {
    const none = { nodes: [], selfId: undefined };
    assert.deepEqual(await listNodes(await open(await scriptedSps({ "/api/cluster/nodes": { items: [] } }))), none);
    assert.deepEqual(await listNodes(await open(await scriptedSps({}))), none);
  });

  for (const status of [401, 403, 500]) {
    it(`fails to list the nodes when the node answers ${status}`, async () => {
      const login = { status: 200, headers: { "set-cookie": "session_id=abc" } };
      const sps = await ScriptedAppliance.start(({ path }) => (path === "/api/authentication" ? login : { status }));
      await assert.rejects(listNodes(await open(sps)), { status });
    });
  }

  it("reads the node's own full host name", async () => {
    const body = { hostname: "sps1", domainname: "lab.example", firmware_version: "8.0.0", roles: ["search-local"] };
    const client = await open(await scriptedSps({ "/api/info": { key: "about_info", body } }));
    assert.deepEqual(await readInfo(client), {
      hostName: "sps1.lab.example",
      firmwareVersion: "8.0.0",
      roles: ["search-local"],
    });
  });

  it("reads the node again after a login when the answer is the anonymous one", async () => {
    let logins = 0;
    const anybody = { hostname: "sps1", domainname: "lab.example" };
    const sps = await ScriptedAppliance.start(({ path }) => {
      if (path === "/api/authentication") logins += 1;
      const body = logins < 2 ? anybody : { ...anybody, firmware_version: "8.0.0", roles: [] };
      return { status: 200, headers: { "set-cookie": "session_id=abc" }, body: JSON.stringify({ body }) };
    });
    assert.equal((await readInfo(await open(sps))).firmwareVersion, "8.0.0");
    assert.deepEqual(sps.asked, [
      "GET /api/authentication",
      "GET /api/info",
      "GET /api/authentication",
      "GET /api/info",
    ]);
  });
});
