import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { SiteArgs } from "pulumi-safeguard";
import type { ApplianceDescription, LabDescription } from "../../lab/common/description";
import { OFFLINE } from "../../tools/start/offline";
import { linkPackage } from "../contract/front";
import type { Cli } from "./cli";
import { killWithDescendants } from "./processes";
import { connection } from "./programs";

const ROOT = path.resolve(__dirname, "../..");

/** Some runs of Pulumi, on a machine that runs other tests beside. */
const PRINTED_WITHIN_MS = 240_000;

/** A program that makes the site of its stack, and prints whatever is planted in its environment. */
export const PROGRAM = `const fs = require("node:fs");
const pulumi = require("@pulumi/pulumi");
const { Site } = require("pulumi-safeguard");

const stack = pulumi.getStack();
const planted = Object.keys(process.env).filter((name) => name.startsWith("PLANTED_"));
for (const name of planted) pulumi.log.warn("a program that prints its secrets: " + process.env[name]);
new Site(stack, JSON.parse(fs.readFileSync("sites.json", "utf8"))[stack]);
`;

/** What a site without routers is made of. */
export function siteArgs(sps: ApplianceDescription, spp: ApplianceDescription): SiteArgs {
  return {
    cluster: { centralManagement: connection(sps) },
    join: { spp: connection(spp), acknowledge: { irreversible: true, sps: sps.address, spp: spp.address } },
  };
}

/** A folder with a rollout.yaml and its program, and the command for rollouts in it, with the real CLI and a file backend. */
export class RolloutProject {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  /** What all commands have printed so far. */
  output = "";
  private readonly started: ChildProcess[] = [];

  constructor({ folders }: Extract<Cli, { folders: string[] }>, planted: Readonly<Record<string, string>> = {}) {
    linkPackage();
    fs.mkdirSync(path.join(__dirname, "workspace"), { recursive: true });
    this.folder = fs.mkdtempSync(path.join(__dirname, "workspace", "rollout-"));
    fs.mkdirSync(path.join(this.folder, "state"));
    this.env = {
      ...process.env,
      PATH: [...folders, process.env.PATH].join(path.delimiter),
      PULUMI_HOME: path.join(this.folder, "home"),
      PULUMI_BACKEND_URL: `file://${path.join(this.folder, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "passphrase of a test",
      NODE_OPTIONS: "",
      ...planted,
      ...OFFLINE,
    };
  }

  /** Writes the definition, and the program with the arguments of its sites. */
  writeProject(definition: string, sites: Readonly<Record<string, SiteArgs>>): void {
    this.write("site/Pulumi.yaml", "name: branches\nruntime: { name: nodejs, options: { typescript: false } }\n");
    this.write("site/package.json", '{ "name": "branches", "main": "index.js" }\n');
    this.write("site/index.js", PROGRAM);
    this.write("site/sites.json", JSON.stringify(sites));
    this.write("rollout.yaml", definition);
  }

  write(file: string, text: string): void {
    fs.mkdirSync(path.dirname(path.join(this.folder, file)), { recursive: true });
    fs.writeFileSync(path.join(this.folder, file), text);
  }

  /** Writes the rollout `branches`: one site for each SPS of a lab, all of its SPP. */
  writeBranches(names: readonly string[], { sps, spp }: Pick<LabDescription, "sps" | "spp">, settings = ""): void {
    const list = names.map((name) => `  - { name: ${name}, spp: ${spp.address} }\n`).join("");
    this.writeProject(
      `name: branches\nprogram: site\nsites:\n${list}${settings}`,
      Object.fromEntries(sps.map((node, n) => [names[n], siteArgs(node, spp)])),
    );
  }

  /** Waits for something while a command runs. @throws AssertionError when the command ends before */
  async until(isReached: () => boolean, running: ChildProcess): Promise<void> {
    while (!isReached()) {
      assert.equal(running.exitCode, null, this.output);
      await pause(20);
    }
  }

  /** The texts of all files below some paths of the folder, by the names of the files. Empty ones are left out. */
  texts(...below: string[]): [file: string, text: string][] {
    const files = below.flatMap((name) => {
      if (fs.statSync(path.join(this.folder, name)).isFile()) return [name];
      const inside = fs.readdirSync(path.join(this.folder, name), { recursive: true, withFileTypes: true });
      return inside
        .filter((one) => one.isFile())
        .map((one) => path.relative(this.folder, path.join(one.parentPath, one.name)));
    });
    const texts = files.map((file): [string, string] => [
      file,
      fs.readFileSync(path.join(this.folder, file), "latin1"),
    ]);
    return texts.filter(([, text]) => text !== "");
  }

  /** Starts the command in a process group of its own. */
  start(...args: string[]): ChildProcess {
    const program = ["--import", "tsx", path.join(ROOT, "rollout/cli.ts"), ...args];
    const child = spawn(process.execPath, program, {
      cwd: this.folder,
      env: this.env,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.started.push(child);
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (text) => {
        this.output += text;
      });
    }
    return child;
  }

  /** Starts the command to read what it prints while others run beside. */
  follow(...args: string[]): FollowedCommand {
    return new FollowedCommand(this.start(...args));
  }

  /** Runs the command to its end. Gives its exit code, and what it printed. */
  async run(...args: string[]): Promise<{ code: number | null; text: string }> {
    const command = this.follow(...args);
    const code = await command.ended;
    return { code, text: command.text };
  }

  /** The locks of stacks that are left in the backend. */
  locks(): string[] {
    return locksIn(path.join(this.folder, "state"));
  }

  /** Removes the folder, and ends the commands that a failed test has left at work. */
  remove(): void {
    this.started.forEach(killIfLeft);
    fs.rmSync(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 500 });
  }
}

/** Ends a process that a failed test has left at work, and all that it has started. */
export function killIfLeft({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid !== undefined && exitCode === null && signalCode === null) killWithDescendants(pid);
}

/** The locks of stacks in a file backend. */
export function locksIn(folder: string): string[] {
  const files = fs.readdirSync(folder, { recursive: true, encoding: "utf8" });
  return files.filter((file) => /\/locks\/.*\.json$/.test(file));
}

/** A command that runs, and what it has printed so far. */
export class FollowedCommand {
  text = "";
  /** Its exit code, at its end. */
  readonly ended: Promise<number | null>;
  private readUntil = 0;
  private hasEnded = false;

  constructor(child: ChildProcess) {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (text) => {
        this.text += text;
      });
    }
    this.ended = ended(child).finally(() => {
      this.hasEnded = true;
    });
  }

  /**
   * Waits until it prints what a pattern finds behind the last find, and gives the first group of it.
   * @throws AssertionError when it ends before, or does not print it within the limit
   */
  async printed(pattern: RegExp): Promise<string> {
    for (const limit = Date.now() + PRINTED_WITHIN_MS; ; ) {
      const isLast = this.hasEnded || Date.now() > limit;
      const found = pattern.exec(this.text.slice(this.readUntil));
      if (found) {
        this.readUntil += found.index + found[0].length;
        return found[1] ?? "";
      }
      assert.ok(!isLast, `no ${pattern} in: ${this.text}`);
      await pause(50);
    }
  }
}

/** The exit code of a process, at its end. */
export const ended = (child: ChildProcess) => new Promise<number | null>((resolve) => child.once("close", resolve));
