import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { z } from "zod";
import { credentialFields } from "./credential";
import { field, flag, ipv4, isIpv4, listOf, oneOf, port, someText, text, unknownOr, wholeNumber } from "./fields";
import { UNKNOWN } from "./unknown";
import { validate } from "./validate";

/** Every kind of field with a value it allows, one it refuses, and its text of allowed values. */
const KINDS: Record<string, { schema: z.ZodType; good: unknown; bad: unknown; shown?: string; allowed: string }> = {
  field: {
    schema: field((value) => (value === 1 ? 1 : undefined), { type: "integer", allowed: "1" }, "One."),
    good: 1,
    bad: 2,
    allowed: "1",
  },
  wholeNumber: { schema: wholeNumber(2, 4, "Some."), good: 3, bad: 5, allowed: "2 to 4" },
  port: { schema: port("A port."), good: 443, bad: 70000, allowed: "1 to 65535" },
  flag: {
    schema: flag("A flag."),
    good: false,
    bad: "false",
    shown: '"false", which is text',
    allowed: "true, false",
  },
  oneOf: { schema: oneOf(["a", "b"], "A word."), good: "b", bad: "c", allowed: "a, b" },
  text: { schema: text(/^x+$/, "letters x", "Text."), good: "xx", bad: "xy", allowed: "letters x" },
  someText: { schema: someText("Text."), good: "a", bad: " ", shown: '" "', allowed: "text that is not empty" },
  ipv4: {
    schema: ipv4("An address."),
    good: "10.0.0.1",
    bad: "10.0.0.256",
    allowed: "an IPv4 address such as 10.0.0.1 (IPv6 is not supported)",
  },
  credential: {
    schema: credentialFields("password", "A secret.").passwordEnv.unwrap(),
    good: "NAME",
    bad: " ",
    shown: '" "',
    allowed: "text that is not empty",
  },
};

function reasons(schema: z.ZodType, inputs: unknown): string[] {
  const validated = validate(schema, inputs);
  return validated.ok ? [] : validated.failures.map(({ reason }) => reason);
}

describe("input fields", () => {
  for (const [name, { schema, good, bad, shown = String(bad), allowed }] of Object.entries(KINDS)) {
    const group = z.strictObject({ value: schema });

    it(`${name} accepts an allowed value unchanged`, () => {
      assert.deepEqual(validate(group, { value: good }), { ok: true, value: { value: good } });
    });

    it(`${name} accepts an unknown value`, () => {
      assert.deepEqual(validate(group, { value: UNKNOWN }), { ok: true, value: { value: UNKNOWN } });
    });

    it(`${name} names path, value and allowed values of a refused value`, () => {
      assert.deepEqual(reasons(group, { value: bad }), [
        `Invalid value for value: ${shown}. Allowed values are: ${allowed}.`,
      ]);
    });

    it(`${name} reports a missing value`, () => {
      assert.deepEqual(reasons(group, {}), [`Invalid value for value: it is missing. Allowed values are: ${allowed}.`]);
    });

    it(`${name} accepts or refuses any value without throwing`, () => {
      fc.assert(
        fc.property(fc.anything(), (value) => {
          const validated = validate(group, { value });
          assert.ok(validated.ok || validated.failures.length > 0);
        }),
      );
    });
  }

  it("wholeNumber accepts exactly the range, both ends included", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), fc.double(), (a, b, value) => {
        const [minimum, maximum] = a < b ? [a, b] : [b, a];
        const schema = wholeNumber(minimum, maximum, "Some.");
        assert.equal(schema.safeParse(minimum).success, true);
        assert.equal(schema.safeParse(maximum).success, true);
        assert.equal(schema.safeParse(minimum - 1).success, false);
        assert.equal(schema.safeParse(maximum + 1).success, false);
        const isInside = Number.isInteger(value) && value >= minimum && value <= maximum;
        assert.equal(schema.safeParse(value).success, isInside);
      }),
    );
    assert.equal(port("A port.").safeParse("443").success, false);
    assert.equal(port("A port.").safeParse(0).success, false);
    assert.equal(port("A port.").safeParse(443.5).success, false);
  });

  it("isIpv4 accepts every dotted quad and nothing that only resembles one", () => {
    fc.assert(fc.property(fc.ipV4(), (address) => assert.equal(isIpv4(address), true)));
    const wrong = ["", "10.0.0", "10.0.0.1.2", "10.0.0.256", "10.0.0.1/24", "::1", "10.0.0.-1", "a.b.c.d", " 10.0.0.1"];
    for (const address of [...wrong, "010.0.0.1", "0x0a.0.0.1", "10.0.0.1 ", "10.0.0.1\n", 167772161, null]) {
      assert.equal(isIpv4(address), false, `${String(address)} is taken`);
    }
  });
});

describe("list fields", () => {
  const schema = z.strictObject({ ports: listOf(port("A port."), "Ports.") });

  it("accepts a list, a list with unknown elements and an unknown list", () => {
    for (const ports of [[1, 2], [1, UNKNOWN], UNKNOWN]) {
      assert.deepEqual(validate(schema, { ports }), { ok: true, value: { ports } });
    }
  });

  it("names every invalid element of a list", () => {
    assert.deepEqual(reasons(schema, { ports: [0, 22, 70000] }), [
      "Invalid value for ports[0]: 0. Allowed values are: 1 to 65535.",
      "Invalid value for ports[2]: 70000. Allowed values are: 1 to 65535.",
    ]);
  });

  it("states the expected shape and length of a list", () => {
    const several = z.strictObject({ ports: listOf(port("A port."), "Ports.", 2) });
    assert.deepEqual(reasons(schema, { ports: [] }), [
      "Invalid value for ports. Allowed values are: a list with at least 1 element.",
    ]);
    assert.deepEqual(reasons(several, { ports: [22] }), [
      "Invalid value for ports. Allowed values are: a list with at least 2 elements.",
    ]);
    assert.deepEqual(reasons(schema, { ports: 22 }), [
      "Invalid value for ports: 22. Allowed values are: a list with at least 1 element.",
    ]);
    assert.deepEqual(reasons(schema, {}), [
      "Invalid value for ports: it is missing. Allowed values are: a list with at least 1 element.",
    ]);
  });
});

describe("group fields", () => {
  const group = unknownOr(z.strictObject({ port: port("A port.") }), "A group.");
  const schema = z.strictObject({ one: group, many: listOf(group, "Groups.", 0).default([]) });

  it("accepts an unknown group, alone and inside a list", () => {
    const inputs = { one: UNKNOWN, many: [UNKNOWN, { port: UNKNOWN }, { port: 1 }] };
    assert.deepEqual(validate(schema, inputs), { ok: true, value: inputs });
  });

  it("names an invalid member of a group with its full path", () => {
    assert.deepEqual(reasons(schema, { one: { port: 0 }, many: [{ port: 1 }, { port: 70000 }] }), [
      "Invalid value for one.port: 0. Allowed values are: 1 to 65535.",
      "Invalid value for many[1].port: 70000. Allowed values are: 1 to 65535.",
    ]);
  });

  it("names unknown properties with their full path, without their values", () => {
    assert.deepEqual(reasons(schema, { one: { port: 1, prot: "hunter2" }, many: [{ port: 1, x: "hunter2" }] }), [
      "Unknown property one.prot. Did you mean port?",
      "Unknown property many[0].x. Remove it or correct its name.",
    ]);
  });

  it("asks for an object without showing the value given instead", () => {
    assert.deepEqual(reasons(schema, { one: [] }), [
      "Invalid value for one: it is a list. Allowed values are: an object.",
    ]);
    assert.deepEqual(reasons(schema, { one: '{"password":"hunter2"}', many: ["hunter2"] }), [
      "Invalid value for one: it is text. Allowed values are: an object.",
      "Invalid value for many[0]: it is text. Allowed values are: an object.",
    ]);
  });
});
