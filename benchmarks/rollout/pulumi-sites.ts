import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { OFFLINE } from "../../tools/start/offline";
import { type CliCall, notingCalls, takeCalls } from "./cli-calls";
import { CliEnvironment } from "./cli-environment";
import type { JoinTimes, SpeedSites } from "./speed-sites";
import { definitionOf } from "./stub/stub-cli";

/** Below this folder the programs find the packages of the project. */
const WORKSPACE = resolve(__dirname, "../../tests/engine/workspace");

/** A program with one dynamic resource, whose creation only waits. */
const program = (
  record: string,
  last: string,
  { most, slowest }: JoinTimes,
) => `const pulumi = require("@pulumi/pulumi");

const create = async ({ site, milliseconds }) => {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  require("node:fs").appendFileSync(${JSON.stringify(record)}, site + "\\n");
  return { id: site, outs: {} };
};
class Join extends pulumi.dynamic.Resource {
  constructor(site, milliseconds) {
    super({ create }, site, { site, milliseconds });
  }
}
const site = pulumi.getStack();
new Join(site, site === "site-0" || site === ${JSON.stringify(last)} ? ${slowest} : ${most});
`;

/** Sites whose stacks Pulumi itself changes, with a file backend. The program of each makes one resource, which takes the time of a join. */
export class PulumiSites implements SpeedSites {
  private readonly folder: string;
  private readonly environment: CliEnvironment;
  private readonly real: string;

  constructor(
    private readonly sites: number,
    settings: string,
    times: JoinTimes,
  ) {
    mkdirSync(WORKSPACE, { recursive: true });
    this.folder = mkdtempSync(join(WORKSPACE, "speed-"));
    for (const name of ["bin", "site"]) mkdirSync(join(this.folder, name));
    this.environment = new CliEnvironment(this.folder, {
      ...OFFLINE,
      PULUMI_BACKEND_URL: `file://${join(this.folder, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "passphrase of a benchmark",
    });
    this.environment.first(join(this.folder, "bin"));
    this.real = this.environment.cli;
    const wrapper = `#!/usr/bin/env bash\n${notingCalls(join(this.folder, "calls"))}'${this.real}' "$@"\n`;
    writeFileSync(join(this.folder, "bin/pulumi"), wrapper, { mode: 0o755 });
    this.write("Pulumi.yaml", "name: farm\nruntime: { name: nodejs, options: { typescript: false } }\n");
    this.write("package.json", '{ "name": "farm", "main": "index.js" }\n');
    this.write("index.js", program(join(this.folder, "joined"), `site-${sites - 1}`, times));
    writeFileSync(this.file, definitionOf(sites, sites, settings));
  }

  get file(): string {
    return join(this.folder, "rollout.yaml");
  }

  async prepare(): Promise<void> {
    rmSync(join(this.folder, "joined"), { force: true });
    rmSync(join(this.folder, "state"), { recursive: true, force: true });
    mkdirSync(join(this.folder, "state"));
    for (let n = 0; n < this.sites; n += 1) {
      rmSync(join(this.folder, `site/Pulumi.site-${n}.yaml`), { force: true });
      const args = ["stack", "init", `site-${n}`, "--no-select", "--non-interactive"];
      const { status, stderr } = spawnSync(this.real, args, { cwd: join(this.folder, "site"), encoding: "utf8" });
      if (status !== 0) throw new Error(stderr);
    }
  }

  joined(): number {
    const file = join(this.folder, "joined");
    return existsSync(file) ? readFileSync(file, "utf8").split("\n").length - 1 : 0;
  }

  takeCalls(): CliCall[] {
    return takeCalls(join(this.folder, "calls"));
  }

  shellCommand(command: "preview" | "up"): string {
    const options = command === "up" ? "--yes --skip-preview" : "";
    return `pulumi ${command} ${options} --cwd '${join(this.folder, "site")}' --non-interactive --stack site-$n > /dev/null`;
  }

  close(): void {
    this.environment.restore();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 500 });
  }

  private write(file: string, text: string): void {
    writeFileSync(join(this.folder, "site", file), text);
  }
}
