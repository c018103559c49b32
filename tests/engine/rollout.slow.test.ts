import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { after, before, describe, it } from "mocha";
import { Lab } from "../../lab/lab";
import { OFFLINE } from "../../tools/start/offline";
import { linkPackage } from "../contract/front";
import { skipTests } from "../contract/skip";
import { findCli } from "./cli";
import { killWithDescendants } from "./processes";
import { connection } from "./programs";
import { LabSecrets } from "./secrets";

const ROOT = path.resolve(__dirname, "../..");
const SITES = ["berlin", "oslo", "paris"];
const JOIN = "/api/cluster/spp";

const PROGRAM = `const fs = require("node:fs");
const pulumi = require("@pulumi/pulumi");
const { Site } = require("pulumi-safeguard");

const stack = pulumi.getStack();
const planted = Object.keys(process.env).filter((name) => name.startsWith("PLANTED_"));
for (const name of planted) pulumi.log.warn("a program that prints its secrets: " + process.env[name]);
new Site(stack, JSON.parse(fs.readFileSync("sites.json", "utf8"))[stack]);
`;

describe("a rollout of three sites through the real engine", function () {
  // Twelve starts of the engine, on a machine that runs other tests beside.
  this.timeout(900_000);
  let lab: Lab;
  let secrets: LabSecrets;
  let folder = "";
  let output = "";
  let env: NodeJS.ProcessEnv = {};

  before(async function () {
    const cli = findCli();
    if ("reason" in cli) return skipTests(this, cli.reason);
    lab = await Lab.start({ name: `rollout-${process.pid}`, speed: 20, network: false, spsCount: SITES.length });
    secrets = LabSecrets.watch(lab);
    linkPackage();
    fs.mkdirSync(path.join(__dirname, "workspace"), { recursive: true });
    folder = fs.mkdtempSync(path.join(__dirname, "workspace", "rollout-"));
    writeProject(folder, lab);
    env = {
      ...process.env,
      PATH: [...cli.folders, process.env.PATH].join(path.delimiter),
      PULUMI_HOME: path.join(folder, "home"),
      PULUMI_BACKEND_URL: `file://${path.join(folder, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "passphrase of a test",
      NODE_OPTIONS: "",
      ...Object.fromEntries(
        Array.from({ length: 20 }, (_, n) => [
          `PLANTED_TOKEN_${n}`,
          secrets.add("planted secret", randomBytes(12).toString("hex")),
        ]),
      ),
      ...OFFLINE,
    };
  });

  after(async () => {
    secrets?.close();
    await lab?.stop();
    if (folder !== "") fs.rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 500 });
  });

  /** Starts the command in a process group of its own. */
  function rollout(...args: string[]): ChildProcess {
    const program = ["--import", "tsx", path.join(ROOT, "rollout/cli.ts"), ...args];
    const child = spawn(process.execPath, program, {
      cwd: folder,
      env,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (text) => {
        output += text;
      });
    }
    return child;
  }

  const ended = (child: ChildProcess) => new Promise<number | null>((resolve) => child.once("close", resolve));
  const joins = () => lab.sps.map(({ traffic }) => traffic.count("POST", JOIN));
  const sum = (numbers: number[]) => numbers.reduce((left, right) => left + right, 0);

  async function until(isReached: () => boolean, running: ChildProcess): Promise<void> {
    while (!isReached()) {
      assert.equal(running.exitCode, null, output);
      await pause(20);
    }
  }

  it("ends with one join of each site and no lock after kills of the worker alone and with its CLI", async () => {
    const first = rollout("start");
    await until(() => sum(joins()) === 1, first);
    // Its CLI goes on, and holds the lock of the stack for a while.
    first.kill("SIGKILL");
    const second = rollout("resume");
    await until(() => sum(joins()) === 2, second);
    assert.ok(second.pid);
    killWithDescendants(second.pid);
    await pause(500);
    const code = await ended(rollout("resume"));
    assert.equal(code, 0, output);

    assert.deepEqual(joins(), [1, 1, 1]);
    const locks = path.join(folder, "state/.pulumi/locks");
    const files = fs.readdirSync(locks, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".json"));
    assert.deepEqual(files, []);
    assert.match(output, /berlin: check done \(\d+ s\): \d+ create/);
    assert.match(output, /berlin: verification done \(\d+ s\): healthy/);
    assert.match(output, /rollout branches\.1: done, 3 of 3 sites done/);
  });

  it("finds no drift at a site that nobody has changed", async () => {
    output = "";
    assert.equal(await ended(rollout("refresh", "--site", "oslo")), 0, output);
    assert.match(output, /\nrefresh of branches: 1 site, 0 drifted, 1 unchanged; nothing was changed\n$/);
  });

  it("writes no secret into its output, its report or its database", async () => {
    assert.equal(await ended(rollout("report", "--html", "report.html")), 0, output);
    assert.equal(secrets.count("planted secret"), 20);
    secrets.assertAbsent(output, "the output");
    secrets.assertAbsent(fs.readFileSync(path.join(folder, "report.html"), "utf8"), "the report");
    const database = path.join(folder, ".rollout");
    const files = fs.readdirSync(database, { recursive: true, encoding: "utf8" });
    assert.ok(files.length > 100, "the files of the database");
    for (const file of files.filter((name) => fs.statSync(path.join(database, name)).isFile())) {
      const text = fs.readFileSync(path.join(database, file), "latin1");
      if (text !== "") secrets.assertAbsent(text, file);
    }
  });
});

function writeProject(folder: string, lab: Lab): void {
  const { spp } = lab.description;
  const sites = lab.description.sps.map((sps, n) => [
    SITES[n],
    {
      cluster: { centralManagement: connection(sps) },
      join: { spp: connection(spp), acknowledge: { irreversible: true, sps: sps.address, spp: spp.address } },
    },
  ]);
  const write = (file: string, text: string) => {
    fs.mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    fs.writeFileSync(path.join(folder, file), text);
  };
  write("site/Pulumi.yaml", "name: branches\nruntime: { name: nodejs, options: { typescript: false } }\n");
  write("site/package.json", '{ "name": "branches", "main": "index.js" }\n');
  write("site/index.js", PROGRAM);
  write("site/sites.json", JSON.stringify(Object.fromEntries(sites)));
  fs.mkdirSync(path.join(folder, "state"));
  const list = SITES.map((name) => `  - { name: ${name}, spp: ${spp.address} }\n`).join("");
  write("rollout.yaml", `name: branches\nprogram: site\nsites:\n${list}canary: { count: 1, doctor: true }\n`);
}
