import { delimiter, join } from "node:path";
import { findCli } from "../../tests/engine/cli";

/** The environment of this process with the real Pulumi CLI, which its workers inherit. */
export class CliEnvironment {
  private readonly before = { ...process.env };
  /** The path of the CLI. */
  readonly cli: string;

  /** Keeps what the CLI stores for its user in a folder. @throws Error when there is no CLI */
  constructor(folder: string, settings: NodeJS.ProcessEnv) {
    const cli = findCli();
    if ("reason" in cli) throw new Error(cli.reason);
    this.cli = join(cli.folders[0] ?? "", "pulumi");
    Object.assign(process.env, settings, { PULUMI_HOME: join(folder, "home"), NODE_OPTIONS: "" });
    for (const one of [...cli.folders].reverse()) this.first(one);
  }

  /** Puts a folder at the begin of PATH. */
  first(folder: string): void {
    process.env.PATH = [folder, process.env.PATH].join(delimiter);
  }

  restore(): void {
    for (const name of Object.keys(process.env)) if (!(name in this.before)) delete process.env[name];
    Object.assign(process.env, this.before);
  }
}
