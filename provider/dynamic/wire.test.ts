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

describe("values exchanged with the engine", () => {
  it("uses the marker of unknown values of the installed Pulumi SDK", () => {
    assert.equal(toWire(UNKNOWN, NONE), runtime.unknownValue);
    assert.equal(fromWire(runtime.unknownValue), UNKNOWN);
  });

  it("translates unknown values at any depth in both directions", () => {
    const wire = { a: [runtime.unknownValue, { b: runtime.unknownValue }], c: "text", d: runtime.unknownValue };
    const core = { a: [UNKNOWN, { b: UNKNOWN }], c: "text", d: UNKNOWN };
    assert.deepEqual(fromWire(wire), core);
    assert.deepEqual(toWire(core, NONE), wire);
  });

  it("treats text that only contains the marker as text", () => {
    const text = `${runtime.unknownValue} and more`;
    assert.equal(fromWire(text), text);
  });

  it("removes the provider text before the core sees the values", () => {
    const given = { [PROVIDER_TEXT]: "exports.handler", a: 1, nested: { [PROVIDER_TEXT]: "x", b: 2 } };
    assert.deepEqual(fromWire(given), { a: 1, nested: { b: 2 } });
  });

  it("marks exactly the secrets and reads them marked or unmarked", () => {
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

  it("omits undefined members", () => {
    const wire = toWire({ a: undefined, b: { c: undefined, d: null }, e: [{ f: undefined }] }, NONE);
    assert.equal(JSON.stringify(wire), '{"b":{"d":null},"e":[{}]}');
    assert.deepEqual(Object.keys(wire as object), ["b", "e"]);
  });

  it("leaves plain JSON unchanged", () => {
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
    ["NaN", Number.NaN, "number"],
    ["an infinite number", Number.POSITIVE_INFINITY, "number"],
    ["a number whose digits JSON would lose", 2 ** 53, "number"],
    ["undefined in a list", undefined, "undefined"],
  ];
  for (const [what, value, kind] of refused) {
    it(`refuses ${what} and reports its path without its value`, () => {
      assert.throws(() => toWire({ nodes: [{ seen: [value] }] }, NONE), {
        name: "TypeError",
        message: `state.nodes[0].seen[0] cannot be recorded: it is no plain JSON (${kind})`,
      });
    });
  }

  it("names the inputs when a value of the inputs is refused", () => {
    assert.throws(() => toWire({ at: new Date(0) }, NONE, "inputs"), {
      message: "inputs.at cannot be recorded: it is no plain JSON (object)",
    });
  });

  for (const value of [undefined, null, "text", 1, [1], runtime.unknownValue]) {
    it(`reads ${JSON.stringify(value) ?? "undefined"} as an empty record`, () => {
      assert.deepEqual(recordFromWire(value), {});
    });
  }

  it("reads a record and drops the provider text", () => {
    assert.deepEqual(recordFromWire({ a: runtime.unknownValue, [PROVIDER_TEXT]: "x" }), { a: UNKNOWN });
  });
});
