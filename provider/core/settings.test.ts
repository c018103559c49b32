import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { jsonSchemaOf } from "./json-schema";
import { settingsFrom, settingsSchema, variableOf, withDefaults } from "./settings";
import { UNKNOWN } from "./unknown";

const from = (config: Record<string, string>, environment: Record<string, string> = {}) =>
  settingsFrom((key) => config[key], environment);

describe("settings of a stack", () => {
  it("are empty where neither configuration nor environment has any", () => {
    assert.deepEqual(from({ "project:preflight": "off" }, { PREFLIGHT: "off" }), {});
  });

  it("come from the stack configuration before the environment", () => {
    const environment = { SAFEGUARD_PREFLIGHT: "off", SAFEGUARD_STEP_SECONDS: "7" };
    assert.deepEqual(from({ "safeguard:preflight": "report" }, environment), { preflight: "report", stepSeconds: 7 });
  });

  it("count as missing where they are empty", () => {
    assert.deepEqual(from({ "safeguard:preflight": "" }, { SAFEGUARD_PREFLIGHT: "off" }), { preflight: "off" });
    assert.deepEqual(from({}, { SAFEGUARD_PREFLIGHT: "" }), {});
  });

  it("refuse a value by the name under which it was given", () => {
    assert.throws(() => from({ "safeguard:preflight": "on" }), {
      name: "TypeError",
      message: "Invalid value for safeguard:preflight: on. Allowed values are: enforce, report, off.",
    });
    assert.throws(
      () => from({ "safeguard:preview": "7" }, { SAFEGUARD_TRUST_SECONDS: "0", SAFEGUARD_STEP_SECONDS: "5m" }),
      {
        message:
          "Invalid value for safeguard:preview: 7. Allowed values are: always, never. " +
          "Invalid value for SAFEGUARD_STEP_SECONDS: 5m. Allowed values are: 1 to 3600. " +
          "Invalid value for SAFEGUARD_TRUST_SECONDS: 0. Allowed values are: 1 to 7200.",
      },
    );
  });

  it("fill in what the program does not give", () => {
    const limits = { timeouts: { stepSeconds: 7, synchronizationSeconds: undefined } };
    assert.deepEqual(withDefaults({ a: 1 }, limits), { a: 1, timeouts: { stepSeconds: 7 } });
    const own = { timeouts: { stepSeconds: 9, synchronizationSeconds: UNKNOWN } };
    assert.deepEqual(withDefaults(own, limits), own);
    for (const timeouts of [UNKNOWN, "all"]) assert.deepEqual(withDefaults({ timeouts }, limits), { timeouts });
  });

  it("have one variable each", () => {
    const names = Object.keys(jsonSchemaOf(settingsSchema).properties ?? {});
    assert.equal(new Set(names.map(variableOf)).size, names.length);
    assert.equal(variableOf("synchronizationSeconds"), "SAFEGUARD_SYNCHRONIZATION_SECONDS");
  });

  it("fill in what inputs leave out, inside groups too, and leave unknown values alone", () => {
    const defaults = { preview: "always", timeouts: { stepSeconds: 7, policySeconds: undefined } };
    assert.deepEqual(withDefaults({ name: "a" }, defaults), {
      name: "a",
      preview: "always",
      timeouts: { stepSeconds: 7 },
    });
    const given = { preview: "never", timeouts: { stepSeconds: 1 } };
    assert.deepEqual(withDefaults(given, defaults), given);
    assert.deepEqual(withDefaults({ preview: UNKNOWN, timeouts: UNKNOWN }, defaults), {
      preview: UNKNOWN,
      timeouts: UNKNOWN,
    });
  });
});
