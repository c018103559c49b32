import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { IpcClient } from "./ipc";

type EchoMethods = {
  echo: { params: string; result: string };
  fail: { params: null; result: null };
  wait: { params: null; result: null };
  leave: { params: null; result: null };
};

const PROGRAM = `
  const { serveMethods } = require(${JSON.stringify(join(__dirname, "ipc.ts"))});
  serveMethods({
    echo: async (text) => { await new Promise((resolve) => setTimeout(resolve, text === "slow" ? 100 : 0)); return text; },
    fail: () => { throw Object.assign(new Error("refused"), { code: "ECONNREFUSED" }); },
    wait: () => new Promise(() => {}),
    leave: () => { console.error("going"); process.exit(3); },
  });`;

describe("calls over an IPC channel", () => {
  let child: ChildProcess;
  let client: IpcClient<EchoMethods>;

  beforeEach(() => {
    child = spawn(process.execPath, ["--require", require.resolve("tsx/cjs"), "--eval", PROGRAM], {
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    let messages = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      messages += chunk.toString();
    });
    client = new IpcClient<EchoMethods>(child, "the program", () => messages);
  });

  afterEach(() => {
    child.kill("SIGKILL");
  });

  it("returns each result to its own call when the results arrive out of order", async () => {
    const results: string[] = [];
    const record = (text: string) => results.push(text);
    await Promise.all([client.call("echo", "slow").then(record), client.call("echo", "quick").then(record)]);
    assert.deepEqual(results, ["quick", "slow"]);
  });

  it("rejects a call with the message and code of the failure", async () => {
    await assert.rejects(client.call("fail", null), { message: "refused", code: "ECONNREFUSED" });
  });

  it("rejects a call at its time limit", async () => {
    await client.call("echo", "ready");
    await assert.rejects(client.call("wait", null, 0.1), { message: "the program: wait: no response within 0.1 s" });
  });

  it("rejects pending and later calls with the last messages of an ended program", async () => {
    const ended = { message: "the program ended with status 3: going" };
    const waiting = client.call("wait", null);
    await assert.rejects(client.call("leave", null), ended);
    await assert.rejects(waiting, ended);
    await assert.rejects(client.call("echo", "late"), ended);
  });
});
