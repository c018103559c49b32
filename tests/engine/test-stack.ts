import { execFile } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import {
  type ConfigMap,
  type Deployment,
  type EngineEvent,
  LocalWorkspace,
  PulumiCommand,
  type PulumiFn,
  type Stack,
} from "@pulumi/pulumi/automation";
import { OFFLINE } from "../../tools/start/offline";
import { linkPackage } from "../contract/front";
import { findCli } from "./cli";

/**
 * gRPC shares connections of a process by address. An engine that gets the port of an ended one, which gRPC still tries to reach, is
 * unavailable at first; Pulumi's SDK then ends the program without a word, and the engine deletes what it did not name.
 */
const { grpcClientOptions } = require("@pulumi/pulumi/runtime/settings") as { grpcClientOptions: object };
Object.assign(grpcClientOptions, { "grpc.use_local_subchannel_pool": 1 });

/** What an engine run told, and how it ended. */
export interface Run {
  events: EngineEvent[];
  /** Everything it wrote, for secrets that must not be in it. */
  output: string;
  /** Undefined when it succeeded. */
  failure: string | undefined;
  /** How many resources went through each operation, the stack itself and its components included. */
  changes: Record<string, number>;
  /** When it summed up, after which the engine only ends its plugins; as Date.now() counts. */
  summarizedAt: number;
}

/** A recorded resource of a stack. */
export interface RecordedResource {
  urn: string;
  type: string;
  id?: string;
  protect?: boolean;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
  initErrors?: string[];
}

type Operation = "preview" | "up" | "refresh" | "destroy";

/** What limits a run, or goes beyond what the program says; URNs. */
export interface Flags {
  target?: string[];
  targetDependents?: boolean;
  continueOnError?: boolean;
  policyPacks?: string[];
  /** For `up` only. */
  replace?: string[];
}

/** A stack of the real engine with a state of its own on disk, and nothing shared with other runs or the user. */
export class TestStack {
  private constructor(
    private readonly folder: string,
    private readonly project: string,
    private readonly workDir: string,
    private readonly stack: Stack,
    private readonly environment: NodeJS.ProcessEnv,
  ) {}

  /** A stack whose program is given with each run. */
  static async inline(project: string): Promise<TestStack> {
    const workspace = path.join(__dirname, "workspace");
    fs.mkdirSync(workspace, { recursive: true });
    // Below the checkout, because the provider's process starts here and must find the package.
    const workDir = fs.mkdtempSync(path.join(workspace, `${project}-`));
    linkPackage();
    const cli = findCli();
    if ("reason" in cli) throw new Error(cli.reason);
    const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "safeguard-engine-")));
    const pulumiHome = path.join(folder, "home");
    fs.mkdirSync(path.join(folder, "state"));
    // Where the Automation API looks for a CLI that is given to it.
    fs.mkdirSync(path.join(folder, "bin"));
    const [programs = ""] = cli.folders;
    fs.symlinkSync(path.join(programs, "pulumi"), path.join(folder, "bin", "pulumi"));
    const options = {
      workDir,
      pulumiHome,
      pulumiCommand: await PulumiCommand.get({ root: folder }),
      envVars: {
        PATH: [...cli.folders, process.env.PATH].join(path.delimiter),
        PULUMI_BACKEND_URL: `file://${path.join(folder, "state")}`,
        PULUMI_CONFIG_PASSPHRASE: "passphrase of a test",
        ...OFFLINE,
        NODE_OPTIONS: "",
      },
    };
    const stack = await LocalWorkspace.createOrSelectStack(
      { stackName: "test", projectName: project, program: async () => undefined },
      options,
    );
    // After each run the Automation API starts the CLI three more times for these, which no test reads.
    Object.assign(stack, { outputs: async () => ({}), info: async () => undefined });
    const environment = { ...process.env, ...options.envVars, PULUMI_HOME: pulumiHome };
    return new TestStack(folder, project, workDir, stack, environment);
  }

  /** Sets values of the stack configuration. */
  async configure(values: ConfigMap): Promise<void> {
    await this.stack.setAllConfig(values);
  }

  /** Runs the engine, on request with the log of everything it does. Its failure is a result, not an error. */
  async run(
    operation: Operation,
    program?: PulumiFn,
    log: "usual" | "everything" = "usual",
    flags: Flags = {},
  ): Promise<Run> {
    const run: Run = { events: [], output: "", failure: undefined, changes: {}, summarizedAt: 0 };
    const { replace, ...target } = flags;
    const options = {
      ...target,
      ...(log === "everything" ? { debug: true, logFlow: true, logToStdErr: true, logVerbosity: 9 } : {}),
      onEvent: (event: EngineEvent) => {
        run.events.push(event);
        if (event.summaryEvent) run.summarizedAt = Date.now();
      },
      onOutput: (text: string) => {
        run.output += text;
      },
      onError: (text: string) => {
        run.output += text;
      },
    };
    try {
      if (operation === "up") await this.stack.up({ ...options, replace, program });
      else if (operation === "preview") await this.stack.preview({ ...options, program });
      else if (operation === "refresh") await this.stack.refresh(options);
      else await this.stack.destroy(options);
    } catch (error) {
      run.failure = error instanceof Error ? error.message : String(error);
    }
    const summary = run.events.find((event) => event.summaryEvent)?.summaryEvent;
    run.changes = Object.fromEntries(Object.entries(summary?.resourceChanges ?? {}).filter(([, count]) => count));
    return run;
  }

  /** Runs one command of the CLI on the stack, such as `state unprotect --all`. @throws Error when it fails */
  async cli(...args: string[]): Promise<string> {
    const { folder, workDir: cwd, environment: env } = this;
    const given = [...args, "--stack", "test", "--non-interactive"];
    const { stdout, stderr } = await promisify(execFile)(path.join(folder, "bin", "pulumi"), given, { cwd, env });
    return `${stdout}${stderr}`;
  }

  /** Runs a command line of the shell in the folder of the stack, where `pulumi` is the CLI. Its failure is no error. */
  async shell(command: string): Promise<string> {
    const { folder, workDir: cwd, environment } = this;
    const env = { ...environment, PATH: `${path.join(folder, "bin")}${path.delimiter}${environment.PATH}` };
    return promisify(execFile)("sh", ["-c", command], { cwd, env }).then(
      ({ stdout, stderr }) => `${stdout}${stderr}`,
      (error: Error) => error.message,
    );
  }

  /** The whole state, to be put back with `restore`. Read from its file, because starting the CLI takes a second. */
  async snapshot(): Promise<Deployment> {
    const { version, checkpoint } = this.recordedState();
    return { version, deployment: checkpoint.latest ?? {} };
  }

  /** Puts a state in the place of the present one, as `pulumi stack import` does. */
  async restore({ deployment }: Deployment): Promise<void> {
    const state = this.recordedState();
    state.checkpoint.latest = deployment;
    fs.writeFileSync(this.stateFile, JSON.stringify(state));
  }

  private recordedState(): { version: number; checkpoint: { latest?: unknown } } {
    return JSON.parse(fs.readFileSync(this.stateFile, "utf8"));
  }

  private get stateFile(): string {
    return path.join(this.folder, "state/.pulumi/stacks", this.project, "test.json");
  }

  /** The whole state with its secrets in plain text, as the CLI decrypts them: each update encrypts them anew. */
  decryptedSnapshot(): Promise<Deployment> {
    return this.stack.exportStack();
  }

  /** Every resource of the state with its secrets in plain text. */
  async decrypted(): Promise<RecordedResource[]> {
    return resourcesIn(await this.decryptedSnapshot());
  }

  /** Every resource of the state; secrets are encrypted. */
  async recorded(): Promise<RecordedResource[]> {
    return resourcesIn(await this.snapshot());
  }

  /** The recorded resource of a type of ours. */
  async find(type: string): Promise<RecordedResource | undefined> {
    return resourceOf(await this.snapshot(), type);
  }

  /** Every file of the state, history and copies included, as one text. */
  stateText(): string {
    const files = fs.readdirSync(path.join(this.folder, "state"), { recursive: true, withFileTypes: true });
    return files
      .filter((entry) => entry.isFile())
      .map((entry) => fs.readFileSync(path.join(entry.parentPath ?? entry.path, entry.name), "utf8"))
      .join("\n");
  }

  /** Removes state, home and workspace. */
  close(): void {
    fs.rmSync(this.folder, { recursive: true, force: true });
    fs.rmSync(this.workDir, { recursive: true, force: true });
  }
}

function resourcesIn({ deployment }: Deployment): RecordedResource[] {
  return (deployment as { resources?: RecordedResource[] }).resources ?? [];
}

/** The resource of a type of ours in a whole state. */
export function resourceOf(state: Deployment, type: string): RecordedResource | undefined {
  return resourcesIn(state).find((resource) => resource.type.endsWith(`:${type}`));
}
