import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { Orderer } from "./orders";

type EchoOrders = {
  echo: { given: string; answer: string };
  fail: { given: null; answer: null };
  wait: { given: null; answer: null };
  leave: { given: null; answer: null };
};

const PROGRAM = `
  const { answerOrders } = require(${JSON.stringify(join(__dirname, "orders.ts"))});
  answerOrders({
    echo: async (text) => { await new Promise((resolve) => setTimeout(resolve, text === "slow" ? 100 : 0)); return text; },
    fail: () => { throw Object.assign(new Error("refused"), { code: "ECONNREFUSED" }); },
    wait: () => new Promise(() => {}),
    leave: () => { console.error("going"); process.exit(3); },
  });`;

describe("orders over an IPC channel", () => {
  let child: ChildProcess;
  let orderer: Orderer<EchoOrders>;

  beforeEach(() => {
    child = spawn(process.execPath, ["--require", require.resolve("tsx/cjs"), "--eval", PROGRAM], {
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    let words = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      words += chunk.toString();
    });
    orderer = new Orderer<EchoOrders>(child, "the program", () => words);
  });

  afterEach(() => {
    child.kill("SIGKILL");
  });

  it("are answered each with its own answer, whatever the order of the answers", async () => {
    const answered: string[] = [];
    const note = (text: string) => answered.push(text);
    await Promise.all([orderer.order("echo", "slow").then(note), orderer.order("echo", "quick").then(note)]);
    assert.deepEqual(answered, ["quick", "slow"]);
  });

  it("carry the failure's message and code", async () => {
    await assert.rejects(orderer.order("fail", null), { message: "refused", code: "ECONNREFUSED" });
  });

  it("give up at their limit", async () => {
    await orderer.order("echo", "ready");
    await assert.rejects(orderer.order("wait", null, 0.1), { message: "the program: wait: no answer within 0.1 s" });
  });

  it("fail with the program's last words when it ends, those given later too", async () => {
    const ended = { message: "the program ended with status 3: going" };
    const waiting = orderer.order("wait", null);
    await assert.rejects(orderer.order("leave", null), ended);
    await assert.rejects(waiting, ended);
    await assert.rejects(orderer.order("echo", "late"), ended);
  });
});
