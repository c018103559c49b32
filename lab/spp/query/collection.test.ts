import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { ApiError } from "../api-error";
import { collection, type Query, selectFields } from "./collection";

const rows = [
  { Id: 1, AssetName: "beta", AssetId: 20, AssetNetworkAddress: null },
  { Id: 2, AssetName: "alpha", AssetId: 10, AssetNetworkAddress: "127.0.0.2" },
  { Id: 3, AssetName: "gamma", AssetId: 10, AssetNetworkAddress: "127.0.0.1" },
];

const ask = (query: Query) => collection(rows, query, "AccessRequest");
const idsOf = (query: Query) => {
  const result = ask(query);
  assert(Array.isArray(result));
  return result.map((row) => row.Id);
};
const refusedWith = (code: number) => (error: unknown) => error instanceof ApiError && error.body?.Code === code;

describe("query parameters of lists", () => {
  it("returns all rows in order without parameters", () => {
    assert.deepEqual(ask({}), rows);
  });

  it("orders by one or more properties, ascending or descending, with null first", () => {
    assert.deepEqual(idsOf({ orderby: "AssetName" }), [2, 1, 3]);
    assert.deepEqual(idsOf({ orderby: "-AssetName" }), [3, 1, 2]);
    assert.deepEqual(idsOf({ orderby: "AssetId,-Id" }), [3, 2, 1]);
    assert.deepEqual(idsOf({ orderby: "AssetNetworkAddress" }), [1, 3, 2]);
    assert.deepEqual(idsOf({ orderby: "-Id" }), [3, 2, 1]);
  });

  it("rejects other order syntax and unknown properties in orderby", () => {
    assert.throws(() => ask({ orderby: "Id desc" }), refusedWith(70001));
    assert.throws(() => ask({ orderby: "Nothing" }), refusedWith(70001));
  });

  it("returns only the requested fields, or all but the excluded ones", () => {
    assert.deepEqual(ask({ fields: "Id,AssetName", limit: "1" }), [{ Id: 1, AssetName: "beta" }]);
    const dropped = [{ Id: 1, AssetName: "beta", AssetId: 20 }];
    assert.deepEqual(ask({ fields: "-AssetNetworkAddress", limit: "1" }), dropped);
    assert.deepEqual(ask({ fields: "-AssetName,AssetId,-AssetNetworkAddress", limit: "1" }), [{ Id: 1 }]);
    assert.throws(() => ask({ fields: "Id,Nothing" }), refusedWith(70002));
    assert.deepEqual(selectFields({ Id: 1, State: "New" }, { fields: "State" }, "AccessRequest"), { State: "New" });
  });

  it("returns the number of filtered rows with count", () => {
    assert.equal(ask({ count: "true" }), 3);
    assert.equal(ask({ count: "True", filter: "AssetId eq 10" }), 2);
    assert.deepEqual(idsOf({ count: "false" }), [1, 2, 3]);
    assert.throws(() => ask({ count: "yes" }), refusedWith(70000));
  });

  it("returns pages counted from 0", () => {
    assert.deepEqual(idsOf({ limit: "2" }), [1, 2]);
    assert.deepEqual(idsOf({ limit: "2", page: "1" }), [3]);
    assert.deepEqual(idsOf({ limit: "2", page: "2" }), []);
    assert.throws(() => ask({ limit: "-1" }), refusedWith(70000));
  });

  it("searches all text properties case-insensitively with q", () => {
    assert.deepEqual(idsOf({ q: "ALPH" }), [2]);
    assert.deepEqual(idsOf({ q: "127.0.0" }), [2, 3]);
  });

  it("reads parameter names case-insensitively and uses the last repeated value", () => {
    assert.deepEqual(idsOf({ Filter: "Id eq 1" }), [1]);
    assert.deepEqual(idsOf({ filter: ["Id eq 1", "Id eq 2"] }), [2]);
  });
});
