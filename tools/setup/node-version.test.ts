import assert from "node:assert/strict";
import { describe, it } from "mocha";

describe("takeNodeOption", () => {
  it("takes --node out of the arguments at any position", async () => {
    const { takeNodeOption } = await import("./node-version.mjs");
    assert.deepEqual(takeNodeOption(["--grep", "x", "--node", "24"], {}), { nodeMajor: "24", args: ["--grep", "x"] });
    assert.deepEqual(takeNodeOption(["--node=22", "--bail"], {}), { nodeMajor: "22", args: ["--bail"] });
  });

  it("uses SAFEGUARD_NODE without --node, else the running Node", async () => {
    const { takeNodeOption } = await import("./node-version.mjs");
    assert.deepEqual(takeNodeOption(["--bail"], { SAFEGUARD_NODE: "24" }), { nodeMajor: "24", args: ["--bail"] });
    assert.deepEqual(takeNodeOption(["--bail"], {}), { nodeMajor: "", args: ["--bail"] });
  });

  it("refuses a Node version that is not a major version", async () => {
    const { takeNodeOption } = await import("./node-version.mjs");
    assert.throws(() => takeNodeOption(["--node", "latest"], {}), {
      message: "Invalid value for --node: latest. Allowed values are: a major version such as 24.",
    });
    assert.throws(() => takeNodeOption(["--node"], {}), {
      message: "Missing value for --node. Allowed values are: a major version such as 24.",
    });
  });
});
