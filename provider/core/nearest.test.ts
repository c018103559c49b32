import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { nearest } from "./nearest";

describe("nearest name", () => {
  const names = ["address", "port", "ports", "password", "passwordEnv", "acknowledge", "clusterId"];

  it("finds the name that a typing error most likely means", () => {
    for (const [given, expected] of [
      ["pasword", "password"],
      ["adress", "address"],
      ["prot", "port"],
      ["clusterid", "clusterId"],
      ["ack", "acknowledge"],
      ["password_env", "passwordEnv"],
    ] as const)
      assert.equal(nearest(given, names), expected);
  });

  it("finds nothing for a name that is like none of the candidates", () => {
    for (const given of ["force", "x", "jumpHost", ""]) assert.equal(nearest(given, names), undefined);
  });
});
