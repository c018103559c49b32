import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { z } from "zod";
import { secret } from "../core/fields";
import { UNKNOWN } from "../core/unknown";
import { changeText, type Entry, listChanges } from "./list-changes";

interface Redirection {
  name: string | typeof UNKNOWN;
  ports?: (number | string)[];
  mode?: string;
  password?: string;
}

const entry: Entry = {
  schema: z.strictObject({ password: secret(z.string().describe("A secret.")) }),
  nameOf: (redirection) => {
    const { name } = redirection as Redirection;
    return name === UNKNOWN ? undefined : name;
  },
};
const textsOf = (...lists: Parameters<typeof listChanges>[0]) =>
  listChanges(lists, entry).map((change) => changeText("redirection", change));
const changes = (before: Redirection[], after: Redirection[]) => textsOf(before, after);

describe("changes of a list whose entries have names", () => {
  it("names an entry that was removed at the front, and no other", () => {
    assert.deepEqual(changes([{ name: "rdp" }, { name: "ssh" }], [{ name: "ssh" }]), ["- redirection rdp"]);
  });

  it("shows the members that changed with their values, except those of secrets", () => {
    const before = [{ name: "rdp", ports: [3389], password: "hunter2" }];
    const after = [{ name: "rdp", ports: [22, "3389-3390"], mode: "own", password: "hunter3" }, { name: "ssh" }];
    assert.deepEqual(changes(before, after), [
      "~ redirection rdp: mode (none) -> own; password; ports 3389 -> 22, 3389-3390",
      "+ redirection ssh",
    ]);
  });

  it("cuts long values", () => {
    const [change = ""] = changes([{ name: "rdp", ports: [1] }], [{ name: "rdp", ports: Array(100).fill(65535) }]);
    assert.ok(change.length < 100 && change.endsWith("…"), change);
  });

  it("is silent about a new order, and about what is not known yet", () => {
    assert.deepEqual(changes([{ name: "rdp" }, { name: "ssh" }], [{ name: "ssh" }, { name: "rdp" }]), []);
    assert.deepEqual(changes([{ name: "rdp" }], [{ name: UNKNOWN }]), []);
    assert.deepEqual(textsOf([{ name: "rdp" }], UNKNOWN), []);
  });
});
