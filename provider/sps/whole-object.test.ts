import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { toWritableObject } from "./whole-object";

describe("an SPS object that is written back", () => {
  it("writes back every member of an object, with references as bare keys at any depth", () => {
    const reference = { key: "nic1.interfaces.a.addresses.b", meta: { href: "/api/configuration/network/nics/nic1" } };
    assert.deepEqual(
      toWritableObject({
        enabled: true,
        listen_address: reference,
        plugin: { selection: "plugin", value: reference },
        lists: [reference, { inner: reference }, 7, null],
        nothing: null,
      }),
      {
        enabled: true,
        listen_address: reference.key,
        plugin: { selection: "plugin", value: reference.key },
        lists: [reference.key, { inner: reference.key }, 7, null],
        nothing: null,
      },
    );
  });

  it("does not treat an object with only a key as a reference", () => {
    assert.deepEqual(toWritableObject({ a: { key: "x" }, b: { key: 7, meta: {} }, c: { key: "x", meta: null } }), {
      a: { key: "x" },
      b: { key: 7, meta: {} },
      c: { key: "x", meta: null },
    });
  });
});
