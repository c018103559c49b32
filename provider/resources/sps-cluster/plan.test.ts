import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import type { ApplianceConnection } from "../../core/connection";
import { describeSteps, memberSearchRole, planNodes, roleProblems } from "./plan";
import { SEARCH_ROLES, type SearchRole } from "./schema";

function connection(address: string): ApplianceConnection {
  return { address, port: 443, username: "admin", password: "hunter2", insecureSkipVerify: false };
}

interface Member {
  connection: ApplianceConnection;
  listenAddress?: string;
  searchRole?: SearchRole;
}

function inputs(searchRole: SearchRole, ...roles: (SearchRole | undefined)[]) {
  const members: Member[] = roles.map((role, index) => ({
    connection: connection(`10.0.0.${index + 2}`),
    ...(role ? { searchRole: role } : {}),
  }));
  return { centralManagement: connection("10.0.0.1"), searchRole, members };
}

describe("planNodes", () => {
  it("plans the Central Management node first, then the managed hosts", () => {
    const planned = planNodes(inputs("search-local", undefined, "search-local"));
    assert.deepEqual(
      planned.map(({ clusterAddress, isCentralManagement, roles }) => [clusterAddress, isCentralManagement, roles]),
      [
        ["10.0.0.1", true, ["central-management", "search-local"]],
        ["10.0.0.2", false, ["managed-host", "search-local"]],
        ["10.0.0.3", false, ["managed-host", "search-local"]],
      ],
    );
  });

  it("makes members search minions when any node is search master", () => {
    const roles = (...given: Parameters<typeof inputs>) => planNodes(inputs(...given)).map(({ roles }) => roles[1]);
    assert.deepEqual(roles("search-master", undefined, undefined), ["search-master", "search-minion", "search-minion"]);
    assert.deepEqual(roles("search-minion", "search-master", undefined), [
      "search-minion",
      "search-master",
      "search-minion",
    ]);
    assert.deepEqual(roles("search-master", "search-local"), ["search-master", "search-local"]);
    assert.equal(memberSearchRole([undefined, "search-local"]), "search-local");
  });

  it("uses listenAddress as the cluster address, else the connection address", () => {
    const given = inputs("search-local", undefined, undefined);
    const members = given.members.map((member, index) =>
      index === 0 ? { ...member, listenAddress: "10.1.0.2" } : member,
    );
    const planned = planNodes({ ...given, listenAddress: "10.1.0.1", members });
    assert.deepEqual(
      planned.map(({ clusterAddress }) => clusterAddress),
      ["10.1.0.1", "10.1.0.2", "10.0.0.3"],
    );
  });
});

describe("describeSteps of a cluster", () => {
  it("marks the irreversible step and awaits no member for a single node", () => {
    assert.deepEqual(describeSteps(inputs("search-local")), [
      "10.0.0.1: enable the cluster interface on 10.0.0.1",
      "10.0.0.1: promote to Central Management node (cannot be undone)",
      "10.0.0.1: roles central-management, search-local",
    ]);
  });

  it("lists each join before its roles and ends with the synchronization", () => {
    assert.deepEqual(describeSteps(inputs("search-master", undefined)), [
      "10.0.0.1: enable the cluster interface on 10.0.0.1",
      "10.0.0.2: enable the cluster interface on 10.0.0.2",
      "10.0.0.1: promote to Central Management node (cannot be undone)",
      "10.0.0.1: roles central-management, search-master",
      "10.0.0.2: join the cluster of 10.0.0.1",
      "10.0.0.2: roles managed-host, search-minion (takes over the whole configuration)",
      "wait for the configuration synchronization of 1 managed host(s)",
    ]);
  });

  it("shows no credential in the steps", () => {
    assert.ok(!describeSteps(inputs("search-local", undefined)).join().includes("hunter2"));
  });
});

describe("roleProblems", () => {
  const reasons = (...given: Parameters<typeof inputs>) => roleProblems(inputs(...given));

  it("refuses a second search master at its own path", () => {
    assert.deepEqual(reasons("search-local", "search-master", "search-minion", "search-master"), [
      {
        path: "members[2].searchRole",
        reason:
          "Invalid value for members[2].searchRole: search-master. A cluster has at most one search master; use search-minion here.",
      },
    ]);
  });

  it("refuses a search master that is the only node", () => {
    assert.deepEqual(reasons("search-master"), [
      {
        path: "searchRole",
        reason:
          "Invalid value for searchRole: search-master. A search master records no sessions, and there is no other node; use search-local.",
      },
    ]);
  });

  it("refuses a search minion without a search master at the minion's path", () => {
    const text =
      "search-minion. There is no search master to send to; use search-local, or make one node search-master.";
    assert.deepEqual(reasons("search-local", "search-local", "search-minion"), [
      { path: "members[1].searchRole", reason: `Invalid value for members[1].searchRole: ${text}` },
    ]);
    assert.deepEqual(reasons("search-minion"), [
      { path: "searchRole", reason: `Invalid value for searchRole: ${text}` },
    ]);
  });

  it("refuses two nodes with one address, given as address or listenAddress", () => {
    const given = inputs("search-local", undefined, undefined);
    const [first, second] = given.members;
    assert.ok(first && second);
    const members = [first, { ...second, listenAddress: "10.0.0.2" }];
    assert.deepEqual(roleProblems({ ...given, members }), [
      {
        path: "members[1].connection.address",
        reason:
          "Invalid value for members[1].connection.address: 10.0.0.2. Another node of the cluster has this address.",
      },
    ]);
    assert.equal(roleProblems({ ...given, listenAddress: "10.0.0.3" }).length, 1);
  });

  it("accepts exactly the role combinations the vendor allows", () => {
    const role = fc.constantFrom(...SEARCH_ROLES);
    fc.assert(
      fc.property(role, fc.array(fc.option(role, { nil: undefined }), { maxLength: 5 }), (central, members) => {
        const roles = planNodes(inputs(central, ...members)).map((node) => node.roles[1]);
        const masters = roles.filter((name) => name === "search-master").length;
        const minions = roles.filter((name) => name === "search-minion").length;
        const isAllowed = masters <= 1 && (masters === 1 || minions === 0) && !(masters === 1 && roles.length === 1);
        assert.equal(reasons(central, ...members).length === 0, isAllowed, roles.join());
      }),
    );
  });
});
