import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { lockOwner, tellsOfLock } from "./lock-owner";

describe("who holds the lock of a configuration", () => {
  const shapes: [unknown, string | undefined][] = [
    [{ user: "operator", address: "192.0.2.7" }, "operator from 192.0.2.7"],
    [{ locked_by: { username: "operator", client_ip: "192.0.2.7" } }, "operator from 192.0.2.7"],
    [{ lock: { owner: { name: "LAB\\operator" } } }, "LAB\\operator"],
    [{ transactions: [{ user: "first" }, { user: "second" }] }, "first"],
    [{ remote_address: "192.0.2.7" }, "192.0.2.7"],
    [{}, undefined],
    [undefined, undefined],
    ["operator", undefined],
    [{ user: 7 }, undefined],
  ];
  for (const [details, owner] of shapes) {
    it(`is ${owner ?? "not told"} by ${JSON.stringify(details)}`, () => {
      assert.equal(lockOwner(details), owner);
    });
  }

  it("is not quoted when it does not look like a name", () => {
    assert.equal(lockOwner({ user: "x".repeat(65) }), undefined);
    assert.equal(lockOwner({ user: "a\nb" }), undefined);
    assert.equal(lockOwner({ user: "<b>a</b>" }), undefined);
  });

  it("is looked for only where the refusal is about a lock", () => {
    assert.equal(tellsOfLock("ConfigurationLocked", ""), true);
    assert.equal(tellsOfLock("", "Another transaction is open."), true);
    assert.equal(tellsOfLock("CommitConflict", ""), true);
    assert.equal(tellsOfLock("SemanticError", "There is an unknown role among the roles."), false);
  });
});
