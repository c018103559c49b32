import assert from "node:assert/strict";
import { describe, it } from "mocha";

describe("the choice of the Node version for the tests", () => {
  it("is taken out of the arguments, wherever it stands", async () => {
    const { takeNodeOption } = await import("./node-version.mjs");
    assert.deepEqual(takeNodeOption(["--grep", "x", "--node", "24"], {}), { nodeMajor: "24", args: ["--grep", "x"] });
    assert.deepEqual(takeNodeOption(["--node=22", "--bail"], {}), { nodeMajor: "22", args: ["--bail"] });
  });

  it("comes from the environment when no argument says it, and is else the Node that runs us", async () => {
    const { takeNodeOption } = await import("./node-version.mjs");
    assert.deepEqual(takeNodeOption(["--bail"], { SAFEGUARD_NODE: "24" }), { nodeMajor: "24", args: ["--bail"] });
    assert.deepEqual(takeNodeOption(["--bail"], {}), { nodeMajor: "", args: ["--bail"] });
  });

  it("is a major version", async () => {
    const { takeNodeOption } = await import("./node-version.mjs");
    assert.throws(() => takeNodeOption(["--node", "latest"], {}), {
      message: "Invalid value for --node: latest. Allowed values are: a major version such as 24.",
    });
    assert.throws(() => takeNodeOption(["--node"], {}), {
      message: "Missing value for --node. Allowed values are: a major version such as 24.",
    });
  });
});
