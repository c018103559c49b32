import assert from "node:assert/strict";
import Ajv from "ajv/dist/2020";
import addFormats from "ajv-formats";
import { describe, it } from "mocha";
import { z } from "zod";
import { CERTIFICATE } from "../../tests/support/certificate";
import { routerRedirectionSchema } from "../resources/router-redirection/schema";
import { sppJoinSchema } from "../resources/spp-join/schema";
import { spsClusterSchema } from "../resources/sps-cluster/schema";
import { applianceConnection, routerConnection } from "./connection";
import { access, flag, listOf, oneOf, port, secret, someText, unknownOr } from "./fields";
import { isMarked, jsonSchemaOf, markedPaths, secretPaths, withoutAccess } from "./json-schema";
import { UNKNOWN } from "./unknown";
import { validate } from "./validate";

const ajv = addFormats(new Ajv({ strict: true, strictRequired: false, keywords: ["allowed", "secret", "access"] }));

/** Whether the JSON Schema and the schema itself take an input; they have to agree. */
function isTaken(schema: z.ZodType, input: unknown): boolean {
  const byItself = validate(schema, input).ok;
  assert.equal(ajv.validate(jsonSchemaOf(schema), input), byItself, JSON.stringify(input));
  return byItself;
}

const sps = { address: "10.0.0.1", password: "hunter2" };
const spp = { address: "spp.example.com", username: "join", passwordEnv: "SPP_PASSWORD" };
const acknowledge = { irreversible: true, sps: "10.0.0.1", spp: "spp.example.com" };
const hostKey = "ssh-ed25519 AAAA";
const redirection = {
  name: "rdp",
  clientInterfaces: ["eth1"],
  clientCidrs: ["192.168.50.0/24"],
  serverCidrs: ["10.0.0.0/24"],
  ports: [3389, "5900-5910"],
  spsAddress: "172.16.9.2",
  spsInterface: "eth2",
};
const router = {
  platform: "linux",
  router: { address: "10.20.30.1", privateKeyFile: "key", hostKey },
  redirections: [redirection],
};

describe("JSON Schema of a resource", () => {
  const taken: [string, z.ZodType, object][] = [
    ["a cluster of one node", spsClusterSchema, { centralManagement: sps }],
    [
      "a cluster with members",
      spsClusterSchema,
      {
        centralManagement: {
          ...sps,
          port: 8443,
          ca: CERTIFICATE,
          certificateSha256: "ab".repeat(32),
        },
        searchRole: "search-master",
        members: [{ connection: { address: "10.0.0.2", passwordFile: "pw" }, searchRole: "search-minion" }],
        timeouts: { stepSeconds: 7 },
      },
    ],
    ["a join", sppJoinSchema, { sps, spp, acknowledge }],
    ["a join by a user of a directory", sppJoinSchema, { sps, spp: { ...spp, identityProvider: "ad" }, acknowledge }],
    [
      "a join with every option",
      sppJoinSchema,
      { sps, spp, acknowledge, backups: { spp: "skip" }, onDelete: "forget" },
    ],
    ["a redirection", routerRedirectionSchema, router],
    [
      "a redirection through a jump host",
      routerRedirectionSchema,
      {
        ...router,
        router: {
          address: "r",
          agent: true,
          agentSocket: "/s",
          agentKey: "k",
          knownHosts: "x",
          jumpHost: router.router,
        },
      },
    ],
  ];
  for (const [name, schema, input] of taken) {
    it(`accepts ${name}`, () => assert.equal(isTaken(schema, input), true));
  }

  const refused: [string, z.ZodType, object][] = [
    ["no connection", spsClusterSchema, {}],
    ["an address that is a number", spsClusterSchema, { centralManagement: { ...sps, address: 7 } }],
    ["a port out of range", spsClusterSchema, { centralManagement: { ...sps, port: 70000 } }],
    ["a port as text", spsClusterSchema, { centralManagement: { ...sps, port: "443" } }],
    ["an empty password", spsClusterSchema, { centralManagement: { ...sps, password: "" } }],
    ["a password as an object", spsClusterSchema, { centralManagement: { ...sps, password: { env: "X" } } }],
    ["no password", spsClusterSchema, { centralManagement: { address: "10.0.0.1" } }],
    ["two passwords", spsClusterSchema, { centralManagement: { ...sps, passwordEnv: "X" } }],
    ["a short fingerprint", spsClusterSchema, { centralManagement: { ...sps, certificateSha256: "ab" } }],
    ["a misspelled property", spsClusterSchema, { centralManagement: sps, membres: [] }],
    ["an identity provider for SPS", spsClusterSchema, { centralManagement: { ...sps, identityProvider: "ad" } }],
    ["an unknown role", spsClusterSchema, { centralManagement: sps, searchRole: "search-none" }],
    ["a member without connection", spsClusterSchema, { centralManagement: sps, members: [{}] }],
    ["a listen address that is a name", spsClusterSchema, { centralManagement: sps, listenAddress: "sps" }],
    [
      "an acknowledgement that says false",
      sppJoinSchema,
      { sps, spp, acknowledge: { ...acknowledge, irreversible: false } },
    ],
    ["an empty list of objects", sppJoinSchema, { sps, spp, acknowledge: { ...acknowledge, overwrites: [] } }],
    ["no redirections", routerRedirectionSchema, { ...router, redirections: [] }],
    [
      "a network without prefix",
      routerRedirectionSchema,
      { ...router, redirections: [{ ...redirection, serverCidrs: ["10.0.0.0"] }] },
    ],
    ["a router connection without a credential", routerConnection, { address: "r", hostKey }],
    ["a passphrase without a key", routerConnection, { address: "r", agent: true, passphrase: "x" }],
    ["an agent's socket without the agent", routerConnection, { address: "r", password: "x", agentSocket: "/s" }],
    ["a key of the agent without the agent", routerConnection, { address: "r", password: "x", agentKey: "k" }],
    ["two kinds of host keys", routerConnection, { address: "r", password: "x", hostKey, knownHostsFile: "k" }],
  ];
  for (const [name, schema, input] of refused) {
    it(`refuses ${name}`, () => assert.equal(isTaken(schema, input), false));
  }

  it("keeps type, bounds, allowed words, default and description of each field", () => {
    const { properties, required, additionalProperties } = jsonSchemaOf(spsClusterSchema);
    assert.deepEqual([required, additionalProperties], [["centralManagement"], false]);
    assert.equal(properties?.searchRole?.type, "string");
    assert.deepEqual(properties?.searchRole?.enum, ["search-local", "search-master", "search-minion"]);
    assert.equal(properties?.searchRole?.default, "search-local");
    const { port: tcp } = properties?.members?.items?.properties?.connection?.properties ?? {};
    assert.deepEqual([tcp?.type, tcp?.minimum, tcp?.maximum, tcp?.default], ["integer", 1, 65535, 443]);
    assert.equal(tcp?.description, "TCP port of the web interface.");
    assert.equal(properties?.timeouts?.properties?.stepSeconds?.default, 120);
  });

  it("describes inputs as plain JSON data", () => {
    const schema = jsonSchemaOf(routerRedirectionSchema);
    assert.deepEqual(JSON.parse(JSON.stringify(schema)), schema);
  });
});

describe("field marks", () => {
  const schema = z.strictObject({
    token: secret(someText("Token.")).optional(),
    list: listOf(
      unknownOr(z.strictObject({ key: secret(someText("Key.")), at: access(port("Port.")).optional() }), "One."),
      "Many.",
    ),
    group: access(unknownOr(z.strictObject({ word: oneOf(["a"], "Word.") }), "Group.")).optional(),
    plain: flag("Flag.").default(true),
  });

  it("finds marked fields at any depth", () => {
    assert.deepEqual([...secretPaths(schema)], ["token", "list[].key"]);
    assert.deepEqual([...markedPaths(schema, "access")], ["list[].at", "group"]);
    assert.deepEqual(
      [...secretPaths(routerRedirectionSchema)],
      ["password", "privateKey", "passphrase"]
        .flatMap((name) => [`router.${name}`])
        .concat(["password", "privateKey", "passphrase"].map((name) => `router.jumpHost.${name}`))
        .concat("router.enablePassword", "router.expertPassword"),
    );
  });

  it("applies a mark to everything below the marked field and nothing else", () => {
    const marked = markedPaths(schema, "access");
    for (const path of ["list[0].at", "list[12].at", "group", "group.word", "group.x[1]"])
      assert.ok(isMarked(path, marked), path);
    for (const path of ["list", "list[0]", "list[0].key", "groups", "plain", ""])
      assert.ok(!isMarked(path, marked), path);
  });

  it("shows no value of a field marked as secret", () => {
    const validated = validate(schema, { token: 77777, list: [{ key: 88888 }] });
    assert.ok(!validated.ok);
    assert.doesNotMatch(JSON.stringify(validated.failures), /77777|88888/);
  });

  it("drops all access fields and keeps the others", () => {
    const value = { token: UNKNOWN, list: [{ key: "k", at: UNKNOWN }, UNKNOWN], group: { word: "a" }, plain: false };
    assert.deepEqual(withoutAccess(value, schema), { token: UNKNOWN, list: [{ key: "k" }, UNKNOWN], plain: false });
    const connection = { ...sps, port: UNKNOWN };
    assert.deepEqual(withoutAccess(connection, applianceConnection), { address: "10.0.0.1" });
  });
});
