import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { ConfigurationStore, INTERNAL } from "./store";

function storeWith(objects: Record<string, Record<string, string | number>>): ConfigurationStore {
  const store = new ConfigurationStore();
  for (const [path, body] of Object.entries(objects)) store.set(path, body);
  return store;
}

describe("configuration store of SPS", () => {
  it("keeps changes in the working copy until they are applied", () => {
    const store = storeWith({ "/a": { x: 1 } });
    const copy = store.open();
    copy.set("/a", { x: 2 });
    copy.set("/b", { y: 1 });
    assert.deepEqual(store.get("/a"), { x: 1 });
    assert.deepEqual(store.apply(copy), ["/a", "/b"]);
    assert.deepEqual([store.get("/a"), store.get("/b"), store.revision], [{ x: 2 }, { y: 1 }, 1]);
  });

  it("keeps changes of other sessions to other objects", () => {
    const store = storeWith({ "/a": { x: 1 }, "/b": { y: 1 } });
    const first = store.open();
    const second = store.open();
    first.set("/a", { x: 2 });
    second.set("/b", { y: 2 });
    store.apply(first);
    assert.deepEqual(store.conflicts(second), []);
    store.apply(second);
    assert.deepEqual([store.get("/a"), store.get("/b")], [{ x: 2 }, { y: 2 }]);
  });

  it("reports objects that another session has changed", () => {
    const store = storeWith({ "/a": { x: 1 } });
    const copy = store.open();
    copy.set("/a", { x: 2 });
    store.set("/a", { x: 3 });
    assert.deepEqual(store.conflicts(copy), ["/a"]);
  });

  it("ignores a change that was reverted", () => {
    const store = storeWith({ "/a": { x: 1 } });
    const copy = store.open();
    copy.set("/a", { x: 2 });
    copy.set("/a", { x: 1 });
    assert.deepEqual(copy.changedPaths(), []);
    assert.equal(store.apply(copy).length + store.revision, 0);
  });

  it("lists the keys directly below a path in order of creation", () => {
    const store = storeWith({ "/l/b": {}, "/l/a": {}, "/l/a/deep": {}, "/list/c": {} });
    assert.deepEqual(store.keys("/l"), ["b", "a"]);
  });

  it("lists all kinds of changes in the changelog, but no internal paths", () => {
    const store = new ConfigurationStore();
    store.set("/o", { service: { level: 4, enabled: true } });
    store.set("/m", { "@order": ["a", "b"] });
    store.set("/gone", { name: "old" });
    const copy = store.open();
    copy.set("/o", { service: { level: 7, enabled: true } });
    copy.set("/m", { "@order": ["b", "a"] });
    copy.delete("/gone");
    copy.set("/new", { name: "n" });
    copy.set(`${INTERNAL}psk/1`, { psk: "secret" });
    assert.deepEqual(copy.changes(), [
      { type: "replace", path: "/o/service/level", old_value: 4, new_value: 7 },
      { type: "reorder", path: "/m", old_order: ["a", "b"], new_order: ["b", "a"] },
      { type: "delete", path: "/gone", old_value: { name: "old" } },
      { type: "create", path: "/new", new_value: { name: "n" } },
    ]);
  });

  it("computes the hash without internal paths", () => {
    const store = storeWith({ "/a": { x: 1 } });
    const before = store.hash();
    store.set(`${INTERNAL}psk/1`, { psk: "secret" });
    assert.equal(store.hash(), before);
    store.set("/a", { x: 2 });
    assert.notEqual(store.hash(), before);
    assert.match(before, /^[0-9a-f]{32}$/);
  });
});
