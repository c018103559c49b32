import assert from "node:assert/strict";
import { homedir } from "node:os";
import { join } from "node:path";
import { describe, it } from "mocha";
import { filePath } from "./file-path";

describe("paths of files", () => {
  it("begin with the home directory for ~, as in a shell", () => {
    assert.equal(filePath("~/.ssh/id_ed25519"), join(homedir(), ".ssh/id_ed25519"));
    assert.equal(filePath("~"), homedir());
    for (const path of ["/etc/x", "a/~/b", "./~x", "key~"]) assert.equal(filePath(path), path);
  });

  it("refuse the home directory of another user", () => {
    assert.throws(() => filePath("~root/key"), /^TypeError: ~root is known to shells only; write the whole path$/);
  });
});
