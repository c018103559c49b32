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

  it("say object, step, cause, remedy and code in one line", () => {
    const error = new SafeguardError(text);
    assert.equal(error.message, "sps 10.0.0.1: promote: managed; remove it [SG1203]");
    assert.equal(error.code, "SG1203");
    assert.equal(error.name, "SafeguardError");
    assert.deepEqual(error.text, text);
  });

  it("stay in one line whatever causes say", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (cause, remedy) => {
        const { message } = new SafeguardError({ ...text, cause: `${cause}\n${remedy}\r\n`, remedy: `\n${remedy}` });
        assert.doesNotMatch(message, /\n/);
        assert.ok(message.startsWith("sps 10.0.0.1: promote: ") && message.endsWith(" [SG1203]"));
      }),
    );
  });

  it("have the kind and, unless they bring their own, the remedy of the catalogue", () => {
    const error = new SafeguardError({ code: "SG2007", object: "spp 10.0.0.5", step: "examine", cause: "a replica" });
    assert.equal(error.message, "spp 10.0.0.5: examine: a replica; point spp.address at the primary [SG2007]");
    assert.deepEqual([error.kind, error.text.remedy], ["input", "point spp.address at the primary"]);
  });

  it("keep what they came from", () => {
    const cause = new Error("socket hang up");
    assert.equal(new SafeguardError(text, { cause }).cause, cause);
  });

  it("after the first side effect show the first reason", () => {
    assert.equal(new PartialFailure("a", {}, ["first", "second"]).message, "first");
    assert.equal(new PartialFailure("a", {}, []).message, "stopped half-way");
  });

  it("of any kind have a message in one line", () => {
    assert.equal(messageOf(new Error("one\n  two\n")), "one two");
    assert.equal(messageOf(new TypeError("")), "TypeError");
    assert.equal(messageOf("text\nmore"), "text more");
    assert.equal(messageOf(undefined), "undefined");
    fc.assert(fc.property(fc.string(), (message) => assert.doesNotMatch(messageOf(new Error(message)), /\n/)));
  });
});
