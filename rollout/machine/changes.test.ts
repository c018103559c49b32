import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { changeText, isIrreversible, type PlannedChange, unannounced } from "./changes";

const change = (operation: string, resource: string, ...properties: string[]): PlannedChange => ({
  operation,
  resource,
  ...(properties.length > 0 ? { properties } : {}),
});

describe("changes that cannot be undone", () => {
  it("are joins, and the promotions of clusters", () => {
    for (const operation of ["create", "replace"])
      for (const resource of ["SppJoin a-join", "SpsCluster a-cluster"])
        assert.equal(isIrreversible([change("create", "RouterRedirection a"), change(operation, resource)]), true);
    const others = [
      change("update", "SppJoin a"),
      change("create", "RouterRedirection SppJoin"),
      change("delete", "X y"),
    ];
    assert.equal(isIrreversible(others), false);
  });
});

describe("changes that no check announced", () => {
  const announced = [
    change("create", "SppJoin a"),
    change("update", "RouterRedirection b", "probe", "redirections"),
    change("replace", "SpsCluster c"),
  ];

  it("are none when less is left to do than was announced", () => {
    const now = [change("update", "SppJoin a", "preflight"), change("update", "RouterRedirection b", "probe")];
    assert.deepEqual(unannounced(announced, now), []);
    assert.deepEqual(unannounced(announced, announced), []);
    assert.deepEqual(unannounced(announced, []), []);
  });

  it("are other resources, other operations and other properties", () => {
    const now = [
      change("delete", "SppJoin a"),
      change("update", "RouterRedirection b", "persist"),
      change("delete", "SpsCluster c"),
      change("create", "RouterRedirection d"),
    ];
    assert.deepEqual(unannounced(announced, now), now);
    assert.deepEqual(unannounced([], now), now);
  });

  it("read as one line each", () => {
    assert.equal(
      changeText(change("update", "RouterRedirection b", "probe", "persist")),
      "update RouterRedirection b (probe, persist)",
    );
    assert.equal(changeText(change("delete", "SppJoin a")), "delete SppJoin a");
  });
});
