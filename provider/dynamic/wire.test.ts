import assert from "node:assert/strict";
import { runtime } from "@pulumi/pulumi";
import fc from "fast-check";
import { describe, it } from "mocha";
import { UNKNOWN } from "../core/unknown";
import { fromWire, PROVIDER_TEXT, recordFromWire, toWire } from "./wire";

/** Plain JSON without what the core refuses; under `__provider` the engine keeps its own text. */
const json = fc
  .anything({
    values: [
      fc.boolean(),
      fc.string(),
      fc.integer(),
      fc.double({ noNaN: true, min: -1e15, max: 1e15 }),
      fc.constant(null),
    ],
  })
  .map((value): unknown => JSON.parse(JSON.stringify(value)))
  .filter((value) => !JSON.stringify(value).includes(`"${PROVIDER_TEXT}"`));

/** The paths of the secrets of a resource that has none. */
const NONE: ReadonlySet<string> = new Set();

/** A secret as the installed SDK writes it. */
const secret = (value: unknown) => ({ [runtime.specialSigKey]: runtime.specialSecretSig, value });

describe("values between the engine and the core", () => {
  it("knows the engine's marker of unknown values as the installed SDK writes it", () => {
    assert.equal(toWire(UNKNOWN, NONE), runtime.unknownValue);
    assert.equal(fromWire(runtime.unknownValue), UNKNOWN);
  });

  it("translates unknown values at any depth, both ways", () => {
    const wire = { a: [runtime.unknownValue, { b: runtime.unknownValue }], c: "text", d: runtime.unknownValue };
    const core = { a: [UNKNOWN, { b: UNKNOWN }], c: "text", d: UNKNOWN };
    assert.deepEqual(fromWire(wire), core);
    assert.deepEqual(toWire(core, NONE), wire);
  });

  it("takes text that only contains the marker for text", () => {
    const text = `${runtime.unknownValue} and more`;
    assert.equal(fromWire(text), text);
  });

  it("keeps the text of the provider away from the core", () => {
    const given = { [PROVIDER_TEXT]: "exports.handler", a: 1, nested: { [PROVIDER_TEXT]: "x", b: 2 } };
    assert.deepEqual(fromWire(given), { a: 1, nested: { b: 2 } });
  });

  it("marks exactly the secrets, and reads them with and without the mark", () => {
    const secrets = new Set(["sps.password", "members[].connection.privateKey", "members[].password"]);
    const core = {
      password: "no secret here",
      sps: { address: "10.0.0.1", password: "hunter2" },
      members: [{ connection: { privateKey: "key", passwordEnv: "SPS" } }, { password: UNKNOWN }],
    };
    const wire = {
      password: "no secret here",
      sps: { address: "10.0.0.1", password: secret("hunter2") },
      members: [{ connection: { privateKey: secret("key"), passwordEnv: "SPS" } }, { password: runtime.unknownValue }],
    };
    assert.deepEqual(toWire(core, secrets), wire);
    assert.deepEqual(fromWire(wire), core);
    assert.deepEqual(fromWire({ sps: secret({ address: "10.0.0.1", password: secret("hunter2") }) }), {
      sps: core.sps,
    });
  });

  it("leaves out members that are undefined", () => {
    const wire = toWire({ a: undefined, b: { c: undefined, d: null }, e: [{ f: undefined }] }, NONE);
    assert.equal(JSON.stringify(wire), '{"b":{"d":null},"e":[{}]}');
    assert.deepEqual(Object.keys(wire as object), ["b", "e"]);
  });

  it("changes nothing in what is JSON already", () => {
    fc.assert(
      fc.property(json, (value) => {
        assert.deepEqual(toWire(fromWire(value), NONE), value);
      }),
      { numRuns: 200 },
    );
  });

  const refused: [string, unknown, string][] = [
    ["a date", new Date(0), "object"],
    ["a function", () => 1, "function"],
    ["a big integer", 1n, "bigint"],
    ["a symbol", Symbol("other"), "symbol"],
    ["a map", new Map([["a", 1]]), "object"],
    ["bytes", Buffer.from("a"), "object"],
    ["not a number", Number.NaN, "number"],
    ["an endless number", Number.POSITIVE_INFINITY, "number"],
    ["a number whose digits JSON would lose", 2 ** 53, "number"],
    ["undefined in a list", undefined, "undefined"],
  ];
  for (const [what, value, kind] of refused) {
    it(`refuses ${what} and says where it stands, not what it is`, () => {
      assert.throws(() => toWire({ nodes: [{ seen: [value] }] }, NONE), {
        name: "TypeError",
        message: `state.nodes[0].seen[0] cannot be recorded: it is no plain JSON (${kind})`,
      });
    });
  }

  it("names the inputs where inputs are refused", () => {
    assert.throws(() => toWire({ at: new Date(0) }, NONE, "inputs"), {
      message: "inputs.at cannot be recorded: it is no plain JSON (object)",
    });
  });

  for (const value of [undefined, null, "text", 1, [1], runtime.unknownValue]) {
    it(`takes ${JSON.stringify(value) ?? "undefined"} for an empty record`, () => {
      assert.deepEqual(recordFromWire(value), {});
    });
  }

  it("takes a record for a record", () => {
    assert.deepEqual(recordFromWire({ a: runtime.unknownValue, [PROVIDER_TEXT]: "x" }), { a: UNKNOWN });
  });
});
