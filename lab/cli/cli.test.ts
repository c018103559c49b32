import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import type { LabDescription } from "../common/description";
import { Lab } from "../lab";
import { LabNetwork } from "../network/network";
import { isAlive, labDirectory } from "../registry";
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
  throw new Error("the command succeeded");
}

describe("lab command line", () => {
  const name = `cli-${process.pid}`;
  let description: LabDescription;

  before(async () => {
    description = JSON.parse(await lab("up", "--name", name, "--json", "--speed", "20"));
  });

  after(async () => {
    if (existsSync(labDirectory(name))) await lab("down", "--name", name);
  });

  it("prints a JSON description whose files all exist", () => {
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

  it("refuses to start a second lab with the same name", async () => {
    assert.equal(
      await refusal("up", "--name", name),
      `error: lab ${name}: already running; stop it with: npm run lab -- down --name ${name}`,
    );
  });

  it("refuses speeds, node counts and ports out of range with the allowed values", async () => {
    for (const [option, value, allowed] of [
      ["--speed", "0", "0.1 to 3600"],
      ["--speed", "fast", "0.1 to 3600"],
      ["--nodes", "0", "1 to 100"],
      ["--nodes", "1.5", "1 to 100"],
    ] as const) {
      const text = await refusal("up", "--name", `${name}-refused`, option, value);
      assert.equal(text, `error: Invalid value for ${option}: ${value}. Allowed values are: ${allowed}.`);
    }
    assert.equal(
      await refusal("up", "--name", `${name}-refused`, "--router", "junos"),
      "error: Invalid value for --router: junos. Allowed values are: linux, cisco-ios, sophos-utm, check-point.",
    );
    const text = await refusal("connect", "--name", name, "10.0.0.5", "70000");
    assert.equal(text, "error: Invalid value for port: 70000. Allowed values are: 1 to 65535.");
    await assert.rejects(Lab.start({ name: `${name}-refused`, speed: 0 }), {
      message: "Invalid value for speed: 0. Allowed values are: 0.1 to 3600.",
    });
  });

  it("switches faults on and off by name and shows which are on", async () => {
    await lab("fault", "sps-slow", "on", "--name", name);
    const on = JSON.parse(await lab("status", "--name", name, "--json")) as LabStatus;
    await lab("fault", "sps-slow", "off", "--name", name);
    const off = JSON.parse(await lab("status", "--name", name, "--json")) as LabStatus;
    assert.deepEqual([on.faults, off.faults], [["sps-slow"], []]);
    assert.match(
      await refusal("fault", "sps-sloow", "--name", name),
      /^error: Invalid value for fault: sps-sloow\. Allowed values are: /,
    );
  });

  it("runs a command on a host and returns its output and exit status", async () => {
    assert.equal(
      await LabNetwork.unavailableReason(),
      undefined,
      "the routed network is not available on this machine",
    );
    const addresses = await lab("exec", "--name", name, "router", "--", "ip", "-br", "-4", "addr", "show", "rsps");
    assert.match(addresses, /172\.16\.9\.1\/24/);
    await assert.rejects(run(process.execPath, [TOOL, "exec", "--name", name, "client", "--", "false"]), { code: 1 });
  });

  it("reports a direct connection while no traffic is redirected", async () => {
    const check = JSON.parse(await lab("connect", "--name", name, "--json"));
    assert.deepEqual(check, { peerSeenByServer: description.network?.client.address });
  });

  it("removes the folder on down, and reports a lab that is not running", async () => {
    await lab("down", "--name", name);
    assert.equal(existsSync(description.directory), false);
    assert.equal(
      await refusal("down", "--name", name),
      `error: lab ${name}: not running; start it with: npm run lab -- up --name ${name}`,
    );
  });

  it("prints follow-up commands with its name and leaves nothing behind when it is killed", async () => {
    const shown = await lab("up", "--name", name);
    assert.ok(
      shown.endsWith(
        `next: npm run lab -- connect --name ${name} tests a connection; npm run lab -- down --name ${name} stops the lab\n`,
      ),
      shown,
    );
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
