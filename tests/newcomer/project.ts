import { execFile, spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { OFFLINE } from "../../tools/start/offline";
import { findCli } from "../engine/cli";

const run = promisify(execFile);
const ROOT = path.resolve(__dirname, "../..");
const NAME = "pulumi-safeguard";

/** Module system of the user's program. */
export type ModuleSystem = "CommonJS" | "ESM";

/** The sites of a program, by name: the arguments of `Site` as JSON. */
export type Sites = Record<string, unknown>;

/** Exit status and everything that a command printed. */
export interface CommandResult {
  status: number | null;
  output: string;
}

const PROGRAMS: Record<ModuleSystem, string> = {
  CommonJS: `const fs = require("node:fs");
const { Site } = require("${NAME}");

for (const [name, args] of Object.entries(JSON.parse(fs.readFileSync("sites.json", "utf8")))) new Site(name, args);
`,
  ESM: `import fs from "node:fs";
import { Site } from "${NAME}";

for (const [name, args] of Object.entries(JSON.parse(fs.readFileSync("sites.json", "utf8")))) new Site(name, args);
`,
};

/**
 * A folder outside the checkout with the package from its tarball. Its dependencies are links into the checkout, because
 * installing them again takes long; tests/packaging installs them. Projects in the folder find the package there.
 */
export async function unpackPackage(): Promise<string> {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "safeguard-newcomer-")));
  const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", folder], { cwd: ROOT });
  const tarball = path.join(folder, JSON.parse(stdout)[0].filename);
  const modules = path.join(folder, "node_modules");
  fs.mkdirSync(path.join(modules, NAME), { recursive: true });
  await run("tar", ["-xzf", tarball, "-C", path.join(modules, NAME), "--strip-components=1"]);
  for (const name of fs.readdirSync(path.join(ROOT, "node_modules"))) {
    if (name !== NAME) fs.symlinkSync(path.join(ROOT, "node_modules", name), path.join(modules, name));
  }
  return folder;
}

/** A user's own Pulumi project, which has the package from its tarball and nothing else of this checkout. */
export class NewcomerProject {
  private constructor(
    readonly folder: string,
    private readonly environment: NodeJS.ProcessEnv,
  ) {}

  /**
   * @param installed result of `unpackPackage`
   * @param secrets environment variables with the passwords and keys that the program names
   */
  static async create(
    modules: ModuleSystem,
    installed: string,
    secrets: Record<string, string>,
  ): Promise<NewcomerProject> {
    const folder = path.join(installed, modules.toLowerCase());
    fs.mkdirSync(path.join(folder, "state"), { recursive: true });
    const write = (name: string, text: string) => fs.writeFileSync(path.join(folder, name), text);
    const type = modules === "ESM" ? "module" : "commonjs";
    write("package.json", `${JSON.stringify({ name: "company", private: true, type, main: "index.js" })}\n`);
    write("Pulumi.yaml", `name: company-${modules.toLowerCase()}\nruntime: nodejs\n`);
    write("index.js", PROGRAMS[modules]);
    const cli = findCli();
    if ("reason" in cli) throw new Error(cli.reason);
    const [programs = ""] = cli.folders;
    const project = new NewcomerProject(folder, {
      HOME: path.join(folder, "home"),
      // The script that starts Pulumi's process for dynamic providers comes with the project's own @pulumi/pulumi.
      PATH: [programs, path.join(installed, "node_modules/@pulumi/pulumi"), process.env.PATH].join(path.delimiter),
      PULUMI_BACKEND_URL: `file://${path.join(folder, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "passphrase of a test",
      ...OFFLINE,
      ...secrets,
    });
    await project.selectStack();
    return project;
  }

  /** Runs the Pulumi CLI in the project. */
  async pulumi(...args: string[]): Promise<CommandResult> {
    return await this.command("pulumi", [...args, "--non-interactive", "--color", "never"]);
  }

  /** Runs a command in the project. Without blocking: the lab may run in this process. */
  async command(name: string, args: readonly string[]): Promise<CommandResult> {
    const child = spawn(name, args, { cwd: this.folder, env: this.environment, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        output += text;
      });
    }
    const status = await new Promise<number | null>((resolve, reject) => {
      child.on("error", reject).on("close", resolve);
    });
    return { status, output };
  }

  /** Sets the sites of the program. */
  write(sites: Sites): void {
    fs.writeFileSync(path.join(this.folder, "sites.json"), JSON.stringify(sites, null, 2));
  }

  private async selectStack(): Promise<void> {
    const { status, output } = await this.pulumi("stack", "init", "dev");
    if (status !== 0) throw new Error(output);
  }
}
