import { randomBytes } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LocalWorkspace, Stack } from "@pulumi/pulumi/automation";
import { projectSettings, shortNameOf, stackSettingsFile } from "../plan/stack-settings";
import { pulumiCli } from "./pulumi-cli";
import { runProgram } from "./run-program";

/** A stack that can be previewed without writing anything of the user's. */
export interface UnwrittenStack {
  stack: Stack;
  /** A copy of the stack's settings, with the configuration of its site. */
  configFile: string;
  /** Whether the stack does not exist yet. */
  isNew: boolean;
}

/**
 * Opens the stacks of a program for reading. Settings of stacks are copied into a temporary folder, and a stack that does not exist
 * is created in an empty backend there, so that neither the program's folder nor its backend changes.
 */
export class UnwrittenStacks {
  private readonly scratch = mkdtempSync(join(tmpdir(), "rollout-preview-"));

  /** Ends what it runs when the signal aborts. */
  constructor(
    private readonly programFolder: string,
    private readonly signal: AbortSignal,
  ) {
    mkdirSync(join(this.scratch, "state"));
  }

  async open(name: string, config: Readonly<Record<string, string>>): Promise<UnwrittenStack> {
    const shortName = shortNameOf(name);
    const configFile = this.copySettings(shortName);
    const known = await this.existing(name);
    const stack = known ?? (await this.created(shortName));
    const { workDir, envVars } = stack.workspace;
    const values = Object.entries(config).flatMap(([key, value]) => ["--plaintext", `${key}=${value}`]);
    const args = ["config", "set-all", "--stack", stack.name, "--config-file", configFile, ...values];
    if (values.length > 0) await this.pulumi(args, workDir, envVars);
    return { stack, configFile, isNew: known === undefined };
  }

  close(): void {
    rmSync(this.scratch, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Runs the CLI. @throws Error with its error output, which names the cause */
  private async pulumi(args: readonly string[], cwd: string, envVars: Readonly<Record<string, string>>): Promise<void> {
    const env = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true", ...envVars };
    const options = { cwd, env, binding: "foreground", signal: this.signal } as const;
    const { code, stderr } = await runProgram("pulumi", args, options);
    if (code === 0) return;
    const cause = stderr.split("\n").find((line) => line.startsWith("error:"));
    throw new Error(cause ?? `pulumi ${args.slice(0, 2).join(" ")}: it ended with ${code ?? "a signal"}`);
  }

  private async existing(name: string): Promise<Stack | undefined> {
    try {
      return await this.selected(name, {});
    } catch (error) {
      if (/no stack named/.test(String(error))) return undefined;
      throw error;
    }
  }

  private async created(name: string): Promise<Stack> {
    const project = this.projectOf(name);
    const hasPassphrase = process.env.PULUMI_CONFIG_PASSPHRASE ?? process.env.PULUMI_CONFIG_PASSPHRASE_FILE;
    const envVars = {
      PULUMI_BACKEND_URL: `file://${join(this.scratch, "state")}`,
      // Nothing is encrypted with it that lasts.
      ...(hasPassphrase === undefined ? { PULUMI_CONFIG_PASSPHRASE: randomBytes(16).toString("hex") } : {}),
    };
    await this.pulumi(["stack", "init", name, "--no-select", "--non-interactive"], project, envVars);
    return this.selected(name, envVars);
  }

  /** Opens a stack without making it the selected one of the user. */
  private async selected(name: string, envVars: Record<string, string>): Promise<Stack> {
    const pulumiCommand = await pulumiCli(this.programFolder, name, { reading: this.signal });
    const workspace = await LocalWorkspace.create({ workDir: this.programFolder, envVars, pulumiCommand });
    workspace.selectStack = async (stack) => {
      await this.pulumi(["stack", "--stack", stack, "--non-interactive"], this.programFolder, envVars);
    };
    return Stack.select(name, workspace);
  }

  /** Copies the settings of a stack, and gives the path of the copy. */
  private copySettings(name: string): string {
    const project = this.projectOf(name);
    mkdirSync(project, { recursive: true });
    const { stackConfigDir: _, ...rest } = projectSettings(this.programFolder);
    writeFileSync(join(project, "Pulumi.yaml"), JSON.stringify(rest));
    const settings = stackSettingsFile(this.programFolder, name);
    const copy = join(project, `Pulumi.${name}.yaml`);
    if (existsSync(settings)) copyFileSync(settings, copy);
    else writeFileSync(copy, "{}\n");
    return copy;
  }

  /** Sites run beside each other, so that each has a folder of its own. */
  private projectOf(stack: string): string {
    return join(this.scratch, "projects", stack);
  }
}
