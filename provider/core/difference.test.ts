import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { routerRedirectionSchema } from "../resources/router-redirection/schema";
import { sppJoinSchema } from "../resources/spp-join/schema";
import { spsClusterSchema } from "../resources/sps-cluster/schema";
import { differingPaths, isAccessOnly, pick } from "./difference";
import { UNKNOWN } from "./unknown";

describe("input differences", () => {
  it("finds no difference between a value and its copy", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        assert.deepEqual(differingPaths(value, JSON.parse(JSON.stringify(value))), []);
      }),
    );
  });

  it("finds the same differences in both directions", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (left, right) => {
        assert.deepEqual(differingPaths(left, right), differingPaths(right, left));
      }),
    );
  });

  it("reports exactly the path of the one changed leaf", () => {
    const tree = fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), fc.array(fc.integer(), { minLength: 1 }), {
      minKeys: 1,
    });
    fc.assert(
      fc.property(tree, fc.nat(), fc.nat(), (value, a, b) => {
        const keys = Object.keys(value);
        const key = keys[a % keys.length] ?? "";
        const list = value[key] ?? [];
        const index = b % list.length;
        const changed = { ...value, [key]: list.map((item, position) => (position === index ? item + 1 : item)) };
        assert.deepEqual(differingPaths(value, changed), [`${key}[${index}]`]);
      }),
    );
  });

  it("reports paths in the notation of a program", () => {
    const left = { searchRole: "search-local", members: [{ connection: { port: 443 } }], timeouts: { stepSeconds: 1 } };
    const right = { members: [{ connection: { port: 444 } }, { connection: {} }], timeouts: { stepSeconds: 1 } };
    assert.deepEqual(differingPaths(left, right), ["members[0].connection.port", "members[1]", "searchRole"]);
    assert.deepEqual(differingPaths(1, 2), [""]);
  });

  it("treats an absent member like an undefined one", () => {
    assert.deepEqual(differingPaths({ a: 1, ca: undefined }, { a: 1 }), []);
    assert.deepEqual(differingPaths({ a: null }, {}), ["a"]);
  });

  it("reports each unknown value as one difference", () => {
    const known = { sps: { address: "10.0.0.1", port: 443 } };
    assert.deepEqual(differingPaths(known, { sps: UNKNOWN }), ["sps"]);
    assert.deepEqual(differingPaths(known, { sps: { address: UNKNOWN, port: 443 } }), ["sps.address"]);
    assert.deepEqual(differingPaths({}, { clusterId: UNKNOWN }), ["clusterId"]);
    assert.deepEqual(differingPaths([UNKNOWN], [UNKNOWN]), ["[0]"]);
  });

  it("tells an empty list from an empty object", () => {
    assert.deepEqual(differingPaths({ a: [] }, { a: {} }), ["a"]);
  });
});

describe("access-only changes", () => {
  const cluster = [
    "centralManagement.port",
    "centralManagement.username",
    "centralManagement.password",
    "members[0].connection.passwordEnv",
    "members[0].connection.passwordFile",
    "members[12].connection.ca",
    "centralManagement.certificateSha256",
    "centralManagement.insecureSkipVerify",
    "timeouts",
    "timeouts.stepSeconds",
  ];
  const router = [
    "router.privateKeyFile",
    "router.passphrase",
    "router.agent",
    "router.agentSocket",
    "router.agentKey",
    "router.hostKey",
    "router.knownHosts",
    "router.knownHostsFile",
    "router.jumpHost",
    "router.jumpHost.address",
    "router.jumpHost.passwordEnv",
  ];

  it("counts credentials, trust, ports and time limits as access", () => {
    assert.equal(isAccessOnly(cluster, spsClusterSchema), true);
    assert.equal(isAccessOnly(router, routerRedirectionSchema), true);
  });

  it("counts no other property as access", () => {
    for (const other of [
      "centralManagement.address",
      "centralManagement",
      "members[0]",
      "members[0].searchRole",
      "commitConfirm.timeouts",
      "steps[2]",
    ]) {
      assert.equal(isAccessOnly([...cluster, other], spsClusterSchema), false, other);
    }
    for (const other of ["redirections[0].ports[0]", "router.address", "watchdog.port", "probe.hosts[0].port"]) {
      assert.equal(isAccessOnly([...router, other], routerRedirectionSchema), false, other);
    }
    assert.equal(isAccessOnly(["sps.port", "acknowledge.sps"], sppJoinSchema), false);
  });
});

describe("pick", () => {
  it("keeps the named members that are defined", () => {
    assert.deepEqual(pick({ a: 1, b: undefined, c: null, d: 4 }, ["a", "b", "c", "e"]), { a: 1, c: null });
  });
});
