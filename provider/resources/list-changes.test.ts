import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { UNKNOWN } from "../core/unknown";
import { changeText, listChanges } from "./list-changes";

interface Entry {
  name: string | typeof UNKNOWN;
  ports?: number[];
  password?: string;
}

const nameOf = (entry: unknown) => {
  const { name } = entry as Entry;
  return name === UNKNOWN ? undefined : name;
};
const textsOf = (...lists: Parameters<typeof listChanges>[0]) =>
  listChanges(lists, nameOf).map((change) => changeText("redirection", change));
const changes = (before: Entry[], after: Entry[]) => textsOf(before, after);

describe("changes of a list whose entries have names", () => {
  it("names an entry that was removed at the front, and no other", () => {
    assert.deepEqual(changes([{ name: "rdp" }, { name: "ssh" }], [{ name: "ssh" }]), ["- redirection rdp"]);
  });

  it("names the members that changed, without their values", () => {
    const before = [{ name: "rdp", ports: [3389], password: "hunter2" }];
    const after = [{ name: "rdp", ports: [3390], password: "hunter3" }, { name: "ssh" }];
    assert.deepEqual(changes(before, after), ["~ redirection rdp: password, ports[0]", "+ redirection ssh"]);
  });

  it("is silent about a new order, and about what is not known yet", () => {
    assert.deepEqual(changes([{ name: "rdp" }, { name: "ssh" }], [{ name: "ssh" }, { name: "rdp" }]), []);
    assert.deepEqual(changes([{ name: "rdp" }], [{ name: UNKNOWN }]), []);
    assert.deepEqual(textsOf([{ name: "rdp" }], UNKNOWN), []);
  });
});
