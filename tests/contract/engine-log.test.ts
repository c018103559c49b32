import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createServer } from "node:net";
import path from "node:path";
import { promisify } from "node:util";
import { after, before, describe, it } from "mocha";
import { CollectingEngine } from "./engine";
import { ROOT } from "./front";

/** Logs one line of each kind in a process of its own, because the log reads the engine's address from the command line. */
const PROGRAM = `
  const { engineLog } = require(${JSON.stringify(path.join(ROOT, "dist/provider/dynamic/engine-log.js"))});
  const log = engineLog();
  const hostile = process.argv.includes("hostile") && "user\\u001b[2J \\u202enimda\\r\\nnext";
  log.info(hostile || "phase");
  log.status(hostile || "awaiting");
  log.warn(hostile || "look");
  log.debug(hostile || "detail");
  // Longer than by default: the engine of this test shares a process with other tests.
  log.settled(20_000).then(() => process.exit());
`;

async function logFrom(...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ["-e", PROGRAM, "--", "provider", ...args], {
    cwd: __dirname,
  });
  return stdout;
}

describe("dynamic provider log", () => {
  let engine: CollectingEngine;
  before(async () => {
    engine = await CollectingEngine.start();
  });
  after(() => engine.stop());

  for (const [position, options] of [
    ["given as the only argument", []],
    ["given after the options of a verbose run", ["--logtostderr", "-v=9", "--tracing", "http://127.0.0.1:9411"]],
  ] as const) {
    it(`delivers every line to the engine address ${position}`, async () => {
      engine.lines.length = 0;
      assert.equal(await logFrom(...options, engine.address), "");
      assert.deepEqual(engine.lines, [
        { severity: "info", message: "phase", isEphemeral: false },
        { severity: "info", message: "awaiting", isEphemeral: true },
        { severity: "warning", message: "look", isEphemeral: false },
        { severity: "debug", message: "detail", isEphemeral: false },
      ]);
    });
  }

  it("shows what a terminal would obey as escapes, in every kind of line", async () => {
    engine.lines.length = 0;
    await logFrom("hostile", engine.address);
    const messages = engine.lines.map(({ message }) => message);
    assert.deepEqual(messages, Array(4).fill("user\\u001b[2J \\u202enimda\nnext"));
    assert.match(await logFrom("hostile"), /^user\\u001b\[2J \\u202enimda\nnext\nwarning: user/);
  });

  it("prints permanent lines when no engine address is given", async () => {
    assert.equal(await logFrom(), "phase\nwarning: look\n");
    assert.equal(await logFrom("not an address"), "phase\nwarning: look\n");
  });

  it("prints permanent lines when the engine does not answer", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const address = server.address();
    assert.ok(address !== null && typeof address === "object");
    await new Promise((resolve) => server.close(resolve));
    assert.equal(await logFrom(`127.0.0.1:${address.port}`), "phase\nwarning: look\n");
  });
});
