import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import type { LabDescription } from "../common/description";
import { LabNetwork } from "../network/network";
import { labDirectory } from "../registry";
import type { LabStatus } from "./control";

/** The compiled tool, as `npm run lab` starts it. */
const TOOL = resolve(__dirname, "../../dist/lab/cli/main.js");
const run = promisify(execFile);
const lab = async (...args: string[]) => (await run(process.execPath, [TOOL, ...args])).stdout;

async function refusal(...args: string[]): Promise<string> {
  try {
    await lab(...args);
  } catch (error) {
    return (error as { stderr: string }).stderr.trim();
  }
  throw new Error("it was not refused");
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe("the lab's command line tool", () => {
  const name = `cli-${process.pid}`;
  let description: LabDescription;

  before(async () => {
    description = JSON.parse(await lab("up", "--name", name, "--json", "--speed", "20"));
  });

  after(async () => {
    if (existsSync(labDirectory(name))) await lab("down", "--name", name);
  });

  it("prints one JSON object with all a program needs, and every file it names exists", () => {
    const [first, second] = description.sps;
    assert.ok(first && second);
    assert.notEqual(first.address, second.address);
    for (const appliance of [first, second, description.spp]) {
      assert.match(appliance.certificateSha256, /^[0-9a-f]{64}$/);
      assert.ok(appliance.password.length >= 12);
      assert.match(readFileSync(appliance.caFile, "utf8"), /^-----BEGIN CERTIFICATE-----/);
    }
    assert.equal(description.speed, 20);
    assert.ok(existsSync(description.spp.certificateChainFile));
  });

  it("refuses a second lab of the same name", async () => {
    assert.equal(
      await refusal("up", "--name", name),
      `error: A lab named ${name} runs already; stop it with: npm run lab -- down --name ${name}`,
    );
  });

  it("switches faults by name, and tells which are on", async () => {
    await lab("fault", "sps-slow", "on", "--name", name);
    const on = JSON.parse(await lab("status", "--name", name, "--json")) as LabStatus;
    await lab("fault", "sps-slow", "off", "--name", name);
    const off = JSON.parse(await lab("status", "--name", name, "--json")) as LabStatus;
    assert.deepEqual([on.faults, off.faults], [["sps-slow"], []]);
    assert.match(
      await refusal("fault", "sps-sloow", "--name", name),
      /^error: There is no fault sps-sloow\. Known faults are: /,
    );
  });

  it("runs a command on a host and passes on its output and status", async () => {
    assert.equal(await LabNetwork.unavailableReason(), undefined, "this machine cannot make the lab's network");
    const addresses = await lab("exec", "--name", name, "router", "--", "ip", "-br", "-4", "addr", "show", "rsps");
    assert.match(addresses, /172\.16\.9\.1\/24/);
    await assert.rejects(run(process.execPath, [TOOL, "exec", "--name", name, "client", "--", "false"]), { code: 1 });
  });

  it("tells that a connection went direct while nothing is redirected", async () => {
    const proof = JSON.parse(await lab("connect", "--name", name, "--json"));
    assert.deepEqual(proof, { peerSeenByServer: description.network?.client.address });
  });

  it("leaves nothing after down, and says so when there is nothing to end", async () => {
    await lab("down", "--name", name);
    assert.equal(existsSync(description.directory), false);
    assert.equal(
      await refusal("down", "--name", name),
      `error: No lab named ${name} runs; start one with: npm run lab -- up --name ${name}`,
    );
  });

  it("leaves no process and no file after its process was killed", async () => {
    await lab("up", "--name", name);
    const folder = labDirectory(name);
    const { pid, keeperPid } = JSON.parse(readFileSync(join(folder, "lab.json"), "utf8")) as {
      pid: number;
      keeperPid: number;
    };
    process.kill(pid, "SIGKILL");
    const deadline = Date.now() + 5000;
    while ((existsSync(folder) || isAlive(keeperPid)) && Date.now() < deadline) await pause(20);
    assert.deepEqual([existsSync(folder), isAlive(pid), isAlive(keeperPid)], [false, false, false]);
  });
});
