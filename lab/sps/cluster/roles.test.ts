import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { SpsRefusal } from "../state/errors";
import type { Json } from "../state/json";
import { ConfigurationStore } from "../state/store";
import { checkCluster, NODES, parseNode } from "./roles";

function outcome(work: () => unknown): string {
  try {
    work();
    return "accepted";
  } catch (error) {
    if (error instanceof SpsRefusal) return `${error.status} ${error.type}: ${error.message}`;
    throw error;
  }
}

function cluster(...rolesOfNodes: string[][]): string {
  const store = new ConfigurationStore();
  rolesOfNodes.forEach((roles, index) => {
    store.set(`${NODES}/${index}`, { address: `10.0.0.${index}`, roles });
  });
  return outcome(() => checkCluster(store));
}

function put(before: string[], body: Json): string {
  return outcome(() => parseNode({ nodeId: "1", address: "10.0.0.1", roles: before }, body));
}

const CM = "central-management";

describe("roles of cluster nodes", () => {
  it("accepts the recommended layouts", () => {
    assert.equal(cluster([CM, "search-local"]), "accepted");
    assert.equal(cluster([CM, "search-local"], ["managed-host", "search-local"]), "accepted");
    assert.equal(cluster([CM, "search-master"], ["managed-host", "search-minion"]), "accepted");
    assert.equal(cluster([CM, "search-local"], ["managed-host", "search-master"]), "accepted");
    assert.equal(cluster([CM], []), "accepted");
  });

  it("refuses forbidden combinations of roles", () => {
    assert.match(cluster([CM], [CM]), /^400 SemanticError: There is another Central Management node/);
    assert.match(cluster([CM, "search-master"], ["managed-host", "search-master"]), /another search master/);
    assert.match(cluster([CM, "managed-host"]), /cannot be a managed host/);
    assert.match(cluster([CM], ["search-master"]), /must be the Central Management node or a managed host/);
    assert.match(cluster([CM, "search-local", "search-minion"]), /several search roles/);
  });

  it("requires exactly one known search role", () => {
    const roles = (...names: string[]) => put([], { address: "10.0.0.1", roles: names });
    assert.equal(roles("managed-host", "search-local"), "accepted");
    assert.match(roles("managed-host"), /exactly one search role/);
    assert.match(roles("search-local", "search-minion"), /exactly one search role/);
    assert.match(roles("search-local", "search-local"), /listed twice/);
    assert.match(roles("search-local", "recorder"), /unknown role/);
  });

  it("neither assigns nor removes the role central-management", () => {
    assert.match(put([], { address: "10.0.0.1", roles: [CM, "search-local"] }), /by promotion only/);
    assert.match(put([CM], { address: "10.0.0.1", roles: ["search-local"] }), /by promotion only/);
    assert.equal(put([CM], { address: "10.0.0.1", roles: [CM, "search-local"] }), "accepted");
  });

  it("requires address and roles, because a PUT replaces the whole node", () => {
    assert.match(put([], { roles: ["search-local"] }), /^400 MalformedRequest: The member address/);
    assert.match(put([], { address: "10.0.0.1" }), /^400 MalformedRequest: The member roles/);
    assert.match(put([], "search-local"), /^400 MalformedRequest/);
  });
});
