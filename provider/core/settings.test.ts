import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { jsonSchemaOf } from "./json-schema";
import { settingsFrom, settingsSchema, variableOf, withDefaults } from "./settings";
import { UNKNOWN } from "./unknown";

const from = (config: Record<string, string>, environment: Record<string, string> = {}) =>
  settingsFrom((key) => config[key], environment);

describe("stack settings", () => {
  it("returns no settings when neither configuration nor environment has any", () => {
    assert.deepEqual(from({ "project:preflight": "off" }, { PREFLIGHT: "off" }), {});
  });

  it("prefers the stack configuration over the environment", () => {
    const environment = { SAFEGUARD_PREFLIGHT: "off", SAFEGUARD_STEP_SECONDS: "7" };
    assert.deepEqual(from({ "safeguard:preflight": "report" }, environment), { preflight: "report", stepSeconds: 7 });
  });

  it("treats an empty setting as missing", () => {
    assert.deepEqual(from({ "safeguard:preflight": "" }, { SAFEGUARD_PREFLIGHT: "off" }), { preflight: "off" });
    assert.deepEqual(from({}, { SAFEGUARD_PREFLIGHT: "" }), {});
  });

  it("names a refused setting as the user wrote it", () => {
    assert.throws(() => from({ "safeguard:preflight": "on" }), {
      name: "TypeError",
      message: "Invalid value for safeguard:preflight: on. Allowed values are: enforce, report, off.",
    });
    assert.throws(
      () => from({ "safeguard:preview": "7" }, { SAFEGUARD_TRUST_SECONDS: "0", SAFEGUARD_STEP_SECONDS: "5m" }),
      {
        message:
          "Invalid value for safeguard:preview: 7. Allowed values are: auto, always, never. " +
          "Invalid value for SAFEGUARD_STEP_SECONDS: 5m. Allowed values are: 1 to 3600. " +
          "Invalid value for SAFEGUARD_TRUST_SECONDS: 0. Allowed values are: 1 to 7200.",
      },
    );
  });

  it("fills in missing inputs and keeps those the program gives", () => {
    const limits = { timeouts: { stepSeconds: 7, synchronizationSeconds: undefined } };
    assert.deepEqual(withDefaults({ a: 1 }, limits), { a: 1, timeouts: { stepSeconds: 7 } });
    const own = { timeouts: { stepSeconds: 9, synchronizationSeconds: UNKNOWN } };
    assert.deepEqual(withDefaults(own, limits), own);
    for (const timeouts of [UNKNOWN, "all"]) assert.deepEqual(withDefaults({ timeouts }, limits), { timeouts });
  });

  it("gives each setting a variable of its own", () => {
    const names = Object.keys(jsonSchemaOf(settingsSchema).properties ?? {});
    assert.equal(new Set(names.map(variableOf)).size, names.length);
    assert.equal(variableOf("synchronizationSeconds"), "SAFEGUARD_SYNCHRONIZATION_SECONDS");
  });

  it("fills in missing inputs also inside groups and leaves unknown values alone", () => {
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
