import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { variantOf } from "../variant";
import { SpsRefusal } from "./errors";
import type { Json } from "./json";
import { CLUSTER_SERVICE, configurationTree, NICS } from "./schema";
import { addressAt, completeBody, renderBody, type Shape } from "./shapes";
import { ConfigurationStore } from "./store";

const KEY = "nic1.interfaces.i1.addresses.a1";
const store = new ConfigurationStore();
store.set(`${NICS}/nic1`, {
  interfaces: { "@order": ["i1"], i1: { addresses: { "@order": ["a1"], a1: "10.0.0.1/24" } } },
});

function shapeOf(path: string): Shape {
  const node = configurationTree(variantOf("6.9.5")).get(path);
  if (node?.kind !== "object") throw new Error(`${path} is not an object`);
  return node.shape;
}

function refusalOf(path: string, body: Json): string {
  try {
    completeBody(shapeOf(path), body, store);
  } catch (error) {
    if (error instanceof SpsRefusal) return `${error.status} ${error.type}`;
    throw error;
  }
  return "accepted";
}

describe("configuration objects of SPS", () => {
  it("drops unknown members at every level silently", () => {
    const input = { debug_logging: { enabled: true, level: 9 }, debug_loging: { enabled: true } };
    assert.deepEqual(completeBody(shapeOf("/api/configuration/troubleshooting"), input, store), {
      core_files: { retention_days: 14 },
      debug_logging: { enabled: true },
    });
  });

  it("resets omitted members to their defaults", () => {
    const body = completeBody(shapeOf("/api/configuration/ssh/options"), { service: { log_level: 9 } }, store);
    assert.deepEqual(body.service, { enabled: true, log_level: 9 });
    assert.deepEqual(completeBody(shapeOf(CLUSTER_SERVICE), {}, store), { enabled: false, listen_address: null });
  });

  it("shows a reference as key and link, but accepts only the key", () => {
    const body = { enabled: true, listen_address: KEY };
    assert.deepEqual(renderBody(shapeOf(CLUSTER_SERVICE), body), {
      enabled: true,
      listen_address: { key: KEY, meta: { href: `${NICS}/nic1#interfaces/i1/addresses/a1` } },
    });
    assert.deepEqual(completeBody(shapeOf(CLUSTER_SERVICE), body, store), body);
    assert.equal(refusalOf(CLUSTER_SERVICE, renderBody(shapeOf(CLUSTER_SERVICE), body)), "400 MalformedRequest");
  });

  it("refuses references without a target", () => {
    assert.equal(addressAt(KEY, store), "10.0.0.1/24");
    const missing = [KEY.replace("a1", "a2"), KEY.replace("i1", "i2"), KEY.replace("nic1", "nic2"), "nic1"];
    const refusals = missing.map((key) => refusalOf(CLUSTER_SERVICE, { enabled: true, listen_address: key }));
    assert.deepEqual(refusals, Array(4).fill("400 SemanticError"));
  });

  it("refuses wrong types, missing listen addresses and values out of range", () => {
    assert.equal(refusalOf(CLUSTER_SERVICE, { enabled: "yes" }), "400 MalformedRequest");
    assert.equal(refusalOf(CLUSTER_SERVICE, []), "400 MalformedRequest");
    assert.equal(refusalOf(CLUSTER_SERVICE, { enabled: true }), "400 SemanticError");
    assert.equal(refusalOf("/api/configuration/ssh/options", { service: { log_level: 11 } }), "400 SemanticError");
    assert.equal(refusalOf("/api/configuration/ssh/options", { service: { log_level: 10 } }), "accepted");
    assert.equal(refusalOf("/api/configuration/management/webinterface", { timeout: 0 }), "400 SemanticError");
  });

  it("has mssql only in newer versions and gssapi only for SSH", () => {
    assert.equal(configurationTree(variantOf("6.0.12")).has("/api/configuration/mssql/options"), false);
    assert.equal(configurationTree(variantOf("6.1.0")).has("/api/configuration/mssql/options"), true);
    assert.equal("gssapi" in (shapeOf("/api/configuration/rdp/options").defaults ?? {}), false);
    assert.equal("gssapi" in (shapeOf("/api/configuration/ssh/options").defaults ?? {}), true);
  });
});
