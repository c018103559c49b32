import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { ScriptedAppliance } from "../../../tests/support/scripted-appliance";
import { scriptedClients } from "../../../tests/support/scripted-clients";
import type { SpsClient } from "../../sps/client";
import { type NodeView, observeCluster } from "./observe";

/** The Central Management node's own clock: 18 years from now, so that nothing can be measured by another one. */
const NOW = "Tue, 20 Jan 2044 09:00:00 GMT";

const INFO = { body: { hostname: "sps1", firmware_version: "8.0.0", roles: ["central-management", "search-local"] } };
const NODES = {
  items: [{ key: "one" }, { key: "two" }, { key: "three" }],
  meta: { self: "/api/cluster/nodes/one" },
};
const MEMBER = ["managed-host", "search-local"];

function status(...lastSeen: (string | undefined)[]) {
  const items = ["two", "three"].map((key, index) => ({
    key,
    fqdn: `sps-${key}`,
    sync_status: "UP TO DATE",
    ...(lastSeen[index] === undefined ? {} : { last_seen: lastSeen[index] }),
  }));
  return { items: [{ key: "one", fqdn: "sps-one", sync_status: "n/a" }, ...items] };
}

const CLUSTER: Record<string, unknown> = {
  "/api/info": INFO,
  "/api/cluster/nodes": NODES,
  "/api/cluster/nodes/one": { body: { address: "10.0.0.1", roles: INFO.body.roles } },
  "/api/cluster/nodes/two": { body: { address: "10.0.0.2", roles: MEMBER } },
  "/api/cluster/nodes/three": { body: { address: "10.0.0.3", roles: MEMBER } },
  "/api/cluster/status": status("2044-01-20T08:59:00Z", "2044-01-20T08:59:55Z"),
};

const view = (address: string, nodeId?: string, version?: string): NodeView => ({
  addresses: [address],
  nodeId,
  version,
});
const CENTRAL = view("10.0.0.1");

describe("observeCluster", () => {
  const clients = scriptedClients();

  async function open(answers: Record<string, unknown>): Promise<SpsClient> {
    const sps = await ScriptedAppliance.start(({ path }) => {
      const headers = { date: NOW, "set-cookie": "session_id=abc" };
      const body = path === "/api/authentication" ? {} : answers[path];
      return { status: body === undefined ? 404 : 200, headers, body: JSON.stringify(body ?? {}) };
    });
    return clients.sps(sps);
  }

  async function nodesOf(
    answers: Record<string, unknown>,
    views: NodeView[],
    before: Parameters<typeof observeCluster>[2] = [],
  ) {
    const observed = await observeCluster(await open({ ...CLUSTER, ...answers }), views, before);
    assert.ok(observed);
    return observed;
  }

  const pick = (observed: Awaited<ReturnType<typeof nodesOf>>, key: "reachable" | "synchronized" | "version") =>
    observed.outputs.nodes.map((node) => node[key]);

  it("counts only reports of the last 60 seconds by the node's own clock", async () => {
    const fresh = await nodesOf({}, [CENTRAL]);
    assert.deepEqual(pick(fresh, "synchronized"), [true, true, true]);
    const stale = status("2044-01-20T08:58:59Z", "2044-01-20T08:59:55Z");
    const observed = await nodesOf({ "/api/cluster/status": stale }, [CENTRAL]);
    assert.deepEqual(pick(observed, "synchronized"), [true, false, true]);
    assert.deepEqual(pick(observed, "reachable"), [true, false, true]);
  });

  it("shows a node that never reported as neither synchronized nor reachable", async () => {
    const observed = await nodesOf({ "/api/cluster/status": status(undefined, "2044-01-20T08:59:55Z") }, [CENTRAL]);
    assert.deepEqual(
      [pick(observed, "synchronized"), pick(observed, "reachable")],
      [
        [true, false, true],
        [true, false, true],
      ],
    );
  });

  it("identifies nodes by id, then by address, then by the recorded id", async () => {
    const before = [
      {
        nodeId: "three",
        address: "10.9.9.9",
        hostName: "",
        roles: [],
        synchronized: true,
        reachable: true,
        version: "7.0.0",
      },
    ];
    const views = [CENTRAL, view("10.8.8.8", "two", "8.0.0"), view("10.9.9.9")];
    const observed = await nodesOf({}, views, before);
    assert.deepEqual(
      observed.entries.map((entry) => entry?.nodeId),
      ["one", "two", "three"],
    );
    assert.deepEqual(pick(observed, "reachable"), [true, true, false]);
    assert.deepEqual(pick(observed, "version"), ["8.0.0", "8.0.0", "7.0.0"]);
    const byAddress = await nodesOf({}, [CENTRAL, view("10.0.0.3"), view("10.0.0.7", "other")]);
    assert.deepEqual(
      byAddress.entries.map((entry) => entry?.nodeId),
      ["one", "three", undefined],
    );
  });

  it("reports a cluster as gone only when the node is in no cluster", async () => {
    const none = {
      "/api/info": { body: { firmware_version: "8.0.0", roles: [] } },
      "/api/cluster/nodes": { items: [] },
    };
    assert.equal(await observeCluster(await open(none), [CENTRAL], []), undefined);
  });

  it("fails when a node reports no roles but lists cluster nodes", async () => {
    const silent = { ...CLUSTER, "/api/info": { body: { firmware_version: "8.0.0" } } };
    await assert.rejects(observeCluster(await open(silent), [CENTRAL], []), {
      code: "SG1203",
      message:
        "sps 127.0.0.1: read the cluster: the node is no longer the Central Management node; its roles are unknown; point centralManagement at the node that is [SG1203]",
    });
  });
});
