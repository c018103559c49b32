import assert from "node:assert/strict";
import { afterEach, describe, it } from "mocha";
import { ScriptedAppliance } from "../../tests/support/scripted-appliance";
import { scriptedClients } from "../../tests/support/scripted-clients";
import { changesIn, Site } from "../../tests/support/site";
import { operationContext } from "../core/context";
import { SpsClient } from "./client";
import { changeNodes, joinMember, promote, setRoles } from "./cluster-changes";
import { planClusterInterface } from "./network";

const PATH = "/api/cluster/nodes/two";
const ROLES = ["managed-host", "search-local"];

describe("changes of cluster nodes", () => {
  const clients = scriptedClients();

  /** A node that keeps of a PUT what `keep` lets through, as an appliance does that ignores the rest without a word. */
  async function open(body: object, keep: (given: object) => object) {
    let kept = body;
    const sps = await ScriptedAppliance.start(({ method, path, body: text }) => {
      if (method === "PUT" && path === PATH) kept = { ...kept, ...keep(JSON.parse(text)) };
      const answer = path === PATH ? { body: kept } : {};
      return { status: 200, headers: { "set-cookie": "session_id=abc" }, body: JSON.stringify(answer) };
    });
    const client = await clients.sps(sps);
    const sent = () => sps.server.requests.filter(({ method, path }) => method === "PUT" && path === PATH);
    return { client, bodies: () => sent().map(({ body: text }) => JSON.parse(text)) };
  }

  const node = { nodeId: "two", address: "10.0.0.2", roles: [] };

  it("writes a whole node, with undocumented members and references as keys", async () => {
    const body = {
      address: "10.0.0.2",
      roles: [],
      comment: "rack 7",
      site: { key: "s1", meta: { href: "/api/x/s1" } },
    };
    const { client, bodies } = await open(body, (given) => given);
    await setRoles(client, node, ROLES, 5);
    assert.deepEqual(bodies(), [{ address: "10.0.0.2", roles: ROLES, comment: "rack 7", site: "s1" }]);
  });

  for (const [what, keep, cause] of [
    ["roles", () => ({}), "asked for managed-host, search-local at 10.0.0.2, the cluster keeps no role at 10.0.0.2"],
    [
      "one role",
      () => ({ roles: ["search-local"] }),
      "asked for managed-host, search-local at 10.0.0.2, the cluster keeps search-local at 10.0.0.2",
    ],
  ] as const) {
    it(`reads a node back, and reports silently dropped settings (${what})`, async () => {
      const { client, bodies } = await open({ address: "10.0.0.2", roles: [] }, keep);
      await assert.rejects(setRoles(client, node, ROLES, 5), {
        message: `sps 127.0.0.1: assign roles of 10.0.0.2: ${cause}; choose roles and an address this firmware allows together [SG1208]`,
      });
      assert.equal(bodies().length, 1);
    });
  }

  it("reads a node back, and reports a silently dropped address", async () => {
    const { client } = await open({ address: "10.0.0.2", roles: ROLES }, () => ({}));
    await assert.rejects(changeNodes(client, [{ node, address: "10.0.0.9", roles: ROLES }], 5), {
      code: "SG1208",
      message:
        /asked for managed-host, search-local at 10\.0\.0\.9, the cluster keeps managed-host, search-local at 10\.0\.0\.2/,
    });
  });
});

describe("the promotion of a node", () => {
  it("fails when the node does not take the Central Management role within the limit", async () => {
    const sps = await ScriptedAppliance.start(({ path }) => {
      const body = path === "/api/info" ? { body: { firmware_version: "8.0.0", roles: [] } } : {};
      return { status: 200, headers: { "set-cookie": "session_id=abc" }, body: JSON.stringify(body) };
    });
    const client = await SpsClient.open(sps.connection, operationContext());
    try {
      await assert.rejects(promote(client, 1), {
        code: "SG1207",
        message: /: wait for the Central Management role: not reached within 1 s \(last seen: roles: none\); /,
      });
      assert.equal(sps.asked.filter((request) => request === "POST /api/cluster/promote").length, 1);
    } finally {
      await client.close();
      await sps.stop();
    }
  });
});

describe("the join of a member that loses its session", () => {
  let site: Site;
  afterEach(() => site.stop());

  it("repeats a join whose session is lost; the cluster commits only after the node", async () => {
    site = await Site.start();
    const [central, member] = site.lab.sps;
    assert.ok(member);
    const [first, second] = await Promise.all([0, 1].map((n) => SpsClient.open(site.sps(n), site.context())));
    assert.ok(first && second);
    for (const [n, client] of [first, second].entries()) {
      await (await planClusterInterface(client, site.sps(n).address))?.(10);
    }
    await promote(first, 10);
    const effect = { kind: "call", when: "before", run: () => member.endSessions() } as const;
    site.clearTraffic();
    member.traffic.inject({ method: "POST", path: /join_request$/, effect });
    member.traffic.inject({ method: "PUT", path: /transaction$/, effect });
    assert.equal(await joinMember(first, site.sps(0).address, second, 10), member.nodeId);
    const join = (requests: string[]) => requests.filter((request) => request.includes("/cluster/"));
    // The first acceptance was rolled back: it was of a request that was lost with its session.
    assert.deepEqual(join(changesIn(central.traffic)), ["POST /api/cluster/nodes", "POST /api/cluster/nodes"]);
    assert.deepEqual(join(changesIn(member.traffic)), [
      "POST /api/cluster/join_request",
      "POST /api/cluster/join_request",
      "POST /api/cluster/join_request",
    ]);
    assert.equal(site.openTransactions, 0);
    await Promise.all([first.close(), second.close()]);
  });
});
