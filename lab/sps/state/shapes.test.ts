import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { SpsRefusal } from "./errors";
import type { Json } from "./json";
import { CLUSTER_SERVICE, configurationPlaces, NICS } from "./schema";
import { accept, addressOf, type Shape, show } from "./shapes";
import { ConfigurationStore } from "./store";

const KEY = "nic1.interfaces.i1.addresses.a1";
const store = new ConfigurationStore();
store.set(`${NICS}/nic1`, {
  interfaces: { "@order": ["i1"], i1: { addresses: { "@order": ["a1"], a1: "10.0.0.1/24" } } },
});

function shapeOf(path: string): Shape {
  const place = configurationPlaces({ mssql: true }).get(path);
  if (place?.kind !== "object") throw new Error(`${path} is no object`);
  return place.shape;
}

function refusalOf(path: string, body: Json): string {
  try {
    accept(shapeOf(path), body, store);
  } catch (error) {
    if (error instanceof SpsRefusal) return `${error.status} ${error.type}`;
    throw error;
  }
  return "accepted";
}

describe("configuration objects", () => {
  it("drops unknown members at every depth without a word", () => {
    const given = { debug_logging: { enabled: true, level: 9 }, debug_loging: { enabled: true } };
    assert.deepEqual(accept(shapeOf("/api/configuration/troubleshooting"), given, store), {
      core_files: { retention_days: 14 },
      debug_logging: { enabled: true },
    });
  });

  it("replaces the whole object: a member left out falls back to its default", () => {
    const body = accept(shapeOf("/api/configuration/ssh/options"), { service: { log_level: 9 } }, store);
    assert.deepEqual(body.service, { enabled: true, log_level: 9 });
    assert.deepEqual(accept(shapeOf(CLUSTER_SERVICE), {}, store), { enabled: false, listen_address: null });
  });

  it("shows a reference as key and link, and takes it back as a bare key only", () => {
    const body = { enabled: true, listen_address: KEY };
    assert.deepEqual(show(shapeOf(CLUSTER_SERVICE), body), {
      enabled: true,
      listen_address: { key: KEY, meta: { href: `${NICS}/nic1#interfaces/i1/addresses/a1` } },
    });
    assert.deepEqual(accept(shapeOf(CLUSTER_SERVICE), body, store), body);
    assert.equal(refusalOf(CLUSTER_SERVICE, show(shapeOf(CLUSTER_SERVICE), body)), "400 MalformedRequest");
  });

  it("refuses references that lead nowhere", () => {
    assert.equal(addressOf(KEY, store), "10.0.0.1/24");
    const missing = [KEY.replace("a1", "a2"), KEY.replace("i1", "i2"), KEY.replace("nic1", "nic2"), "nic1"];
    const refusals = missing.map((key) => refusalOf(CLUSTER_SERVICE, { enabled: true, listen_address: key }));
    assert.deepEqual(refusals, Array(4).fill("400 SemanticError"));
  });

  it("refuses wrong types, an enabled interface without address, and log levels out of range", () => {
    assert.equal(refusalOf(CLUSTER_SERVICE, { enabled: "yes" }), "400 MalformedRequest");
    assert.equal(refusalOf(CLUSTER_SERVICE, []), "400 MalformedRequest");
    assert.equal(refusalOf(CLUSTER_SERVICE, { enabled: true }), "400 SemanticError");
    assert.equal(refusalOf("/api/configuration/ssh/options", { service: { log_level: 11 } }), "400 SemanticError");
    assert.equal(refusalOf("/api/configuration/ssh/options", { service: { log_level: 10 } }), "accepted");
    assert.equal(refusalOf("/api/configuration/management/webinterface", { timeout: 0 }), "400 SemanticError");
  });

  it("has mssql only where the version has it, and gssapi only for SSH", () => {
    assert.equal(configurationPlaces({ mssql: false }).has("/api/configuration/mssql/options"), false);
    assert.equal(configurationPlaces({ mssql: true }).has("/api/configuration/mssql/options"), true);
    assert.equal("gssapi" in (shapeOf("/api/configuration/rdp/options").defaults ?? {}), false);
    assert.equal("gssapi" in (shapeOf("/api/configuration/ssh/options").defaults ?? {}), true);
  });
});
