import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { SpsRefusal } from "../state/errors";
import type { Json } from "../state/json";
import { ConfigurationStore } from "../state/store";
import { acceptNode, checkCluster, NODES } from "./roles";

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

function put(before: string[], given: Json): string {
  return outcome(() => acceptNode({ nodeId: "1", address: "10.0.0.1", roles: before }, given));
}

const CM = "central-management";

describe("roles of cluster nodes", () => {
  it("may be those of the recommended layouts", () => {
    assert.equal(cluster([CM, "search-local"]), "accepted");
    assert.equal(cluster([CM, "search-local"], ["managed-host", "search-local"]), "accepted");
    assert.equal(cluster([CM, "search-master"], ["managed-host", "search-minion"]), "accepted");
    assert.equal(cluster([CM, "search-local"], ["managed-host", "search-master"]), "accepted");
    assert.equal(cluster([CM], []), "accepted");
  });

  it("are refused in forbidden combinations", () => {
    assert.match(cluster([CM], [CM]), /^400 SemanticError: There is another Central Management node/);
    assert.match(cluster([CM, "search-master"], ["managed-host", "search-master"]), /another search master/);
    assert.match(cluster([CM, "managed-host"]), /cannot be a managed host/);
    assert.match(cluster([CM], ["search-master"]), /must be the Central Management node or a managed host/);
    assert.match(cluster([CM, "search-local", "search-minion"]), /several search roles/);
  });

  it("need exactly one search role, known and named once", () => {
    const roles = (...given: string[]) => put([], { address: "10.0.0.1", roles: given });
    assert.equal(roles("managed-host", "search-local"), "accepted");
    assert.match(roles("managed-host"), /exactly one search role/);
    assert.match(roles("search-local", "search-minion"), /exactly one search role/);
    assert.match(roles("search-local", "search-local"), /listed twice/);
    assert.match(roles("search-local", "recorder"), /unknown role/);
  });

  it("never give or take away central management", () => {
    assert.match(put([], { address: "10.0.0.1", roles: [CM, "search-local"] }), /by promotion only/);
    assert.match(put([CM], { address: "10.0.0.1", roles: ["search-local"] }), /by promotion only/);
    assert.equal(put([CM], { address: "10.0.0.1", roles: [CM, "search-local"] }), "accepted");
  });

  it("come with the address, because a PUT replaces the whole node", () => {
    assert.match(put([], { roles: ["search-local"] }), /^400 MalformedRequest: The member address/);
    assert.match(put([], { address: "10.0.0.1" }), /^400 MalformedRequest: The member roles/);
    assert.match(put([], "search-local"), /^400 MalformedRequest/);
  });
});
