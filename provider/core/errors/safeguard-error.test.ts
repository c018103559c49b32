import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { messageOf, PartialFailure, SafeguardError } from "./safeguard-error";

describe("failures", () => {
  const text = {
    code: "SG1203" as const,
    object: "sps 10.0.0.1",
    step: "promote",
    cause: "managed",
    remedy: "remove it",
  };

  it("writes object, step, cause, remedy and code of a failure in one line", () => {
    const error = new SafeguardError(text);
    assert.equal(error.message, "sps 10.0.0.1: promote: managed; remove it [SG1203]");
    assert.equal(error.code, "SG1203");
    assert.equal(error.name, "SafeguardError");
    assert.deepEqual(error.text, text);
  });

  it("keeps a failure in one line when cause or remedy contain line breaks", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (cause, remedy) => {
        const { message } = new SafeguardError({ ...text, cause: `${cause}\n${remedy}\r\n`, remedy: `\n${remedy}` });
        assert.doesNotMatch(message, /\n/);
        assert.ok(message.startsWith("sps 10.0.0.1: promote: ") && message.endsWith(" [SG1203]"));
      }),
    );
  });

  it("leaves out the final stop of a cause, which a device's answer may have, but no ellipsis", () => {
    const causes = ["was refused: Command authorization failed.\n", "waiting ...", "no answer…"];
    assert.deepEqual(
      causes.map((cause) => new SafeguardError({ ...text, cause }).message.replace("sps 10.0.0.1: promote: ", "")),
      ["was refused: Command authorization failed", "waiting ...", "no answer…"].map(
        (cause) => `${cause}; remove it [SG1203]`,
      ),
    );
  });

  it("cuts a long cause with a note and shows what a terminal would obey as escapes", () => {
    const given = { ...text, object: "router \u001b[31mx", cause: `\u202e${" ".repeat(1_000_139)}` };
    const { message, text: shown } = new SafeguardError(given);
    assert.equal(shown.object, "router \\u001b[31mx");
    assert.match(shown.cause, /^\\u202e/);
    const long = new SafeguardError({ ...text, cause: "x".repeat(1_000_140) });
    const note = "… (996,200 of 1,000,140 characters cut)";
    assert.equal(long.message, `sps 10.0.0.1: promote: ${"x".repeat(3940)}${note}; remove it [SG1203]`);
    assert.ok(message.length < 5000 && messageOf("x".repeat(1_000_140)).length < 10_001);
    assert.equal(messageOf("a\u009b31m"), "a\\u009b31m");
  });

  it("takes the kind and a missing remedy of a failure from the catalogue", () => {
    const error = new SafeguardError({ code: "SG2007", object: "spp 10.0.0.5", step: "examine", cause: "a replica" });
    assert.equal(error.message, "spp 10.0.0.5: examine: a replica; point spp.address at the primary [SG2007]");
    assert.deepEqual([error.kind, error.text.remedy], ["input", "point spp.address at the primary"]);
  });

  it("keeps the original error as the cause of a failure", () => {
    const cause = new Error("socket hang up");
    assert.equal(new SafeguardError(text, { cause }).cause, cause);
  });

  it("shows the first reason of a partial failure", () => {
    assert.equal(new PartialFailure("a", {}, ["first", "second"]).message, "first");
    assert.equal(new PartialFailure("a", {}, []).message, "stopped half-way");
  });

  it("gives anything thrown a message in one line", () => {
    assert.equal(messageOf(new Error("one\n  two\n")), "one two");
    assert.equal(messageOf(new TypeError("")), "TypeError");
    assert.equal(messageOf("text\nmore"), "text more");
    assert.equal(messageOf(undefined), "undefined");
    fc.assert(fc.property(fc.string(), (message) => assert.doesNotMatch(messageOf(new Error(message)), /\n/)));
  });
});
