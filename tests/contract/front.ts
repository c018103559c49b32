import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { type Properties, Provider } from "./provider";

/** The names of the resources in programs and states. */
export type ResourceName = "SpsCluster" | "SppJoin" | "RouterRedirection" | "JoinGuard";

/** A program that serves the resources over `pulumirpc`, and the conventions of its engine. */
export interface Front {
  readonly name: string;
  /** Starts its process; `engineAddress` is host and port of the engine. */
  start(engineAddress: string): Promise<FrontProcess>;
  /** The type of a resource in states. */
  type(resource: ResourceName): string;
  /** Adds the front's own properties, as the engine sends them. */
  encode(resource: ResourceName, properties: Properties): Properties;
  /** Removes the front's own properties. @throws AssertionError when they are missing or wrong */
  decode(resource: ResourceName, properties: Properties): Properties;
}

/** A running front. */
export class FrontProcess {
  /** Its output without the line with its port. */
  output = "";

  constructor(
    private readonly child: ChildProcess,
    private readonly port: number,
  ) {}

  /** A client for resources of one type. */
  provider(type: string): Provider {
    return new Provider(`127.0.0.1:${this.port}`, { type, urn: `urn:pulumi:test::contract::${type}::subject` });
  }

  /** Closes the input, as the system does when the engine has ended. @returns how long the process took to end, in milliseconds */
  async loseEngine(): Promise<number> {
    const started = Date.now();
    const ended = once(this.child, "exit");
    this.child.stdin?.end();
    await ended;
    return Date.now() - started;
  }

  /**
   * Sends a signal and waits for the end of the process. Kills it after 5 s, as the engine does.
   * @returns milliseconds until the end
   */
  async end(signal: "SIGINT" | "SIGKILL"): Promise<number> {
    const started = Date.now();
    if (this.child.exitCode !== null || this.child.signalCode !== null) return 0;
    const ended = once(this.child, "exit");
    this.child.kill(signal);
    const timer = setTimeout(() => this.child.kill("SIGKILL"), 5000);
    await ended;
    clearTimeout(timer);
    return Date.now() - started;
  }
}

/** Starts a provider plugin as the engine does, and waits for its first line, which is its port. */
export async function startFront(script: string, engineAddress: string, cwd: string): Promise<FrontProcess> {
  const child = spawn(process.execPath, [script, engineAddress], {
    cwd,
    // The engine holds the input open for as long as it lives.
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, PULUMI_NODEJS_PROJECT: "contract", NODE_OPTIONS: "" },
  });
  let text = "";
  const front = await new Promise<FrontProcess>((resolve, reject) => {
    let started: FrontProcess | undefined;
    const read = (chunk: Buffer) => {
      if (started) started.output += chunk.toString();
      else text += chunk.toString();
      const [line] = /^\d+\r?\n/.exec(text) ?? [];
      if (started || !line) return;
      started = new FrontProcess(child, Number(line));
      started.output = text.slice(line.length);
      resolve(started);
    };
    child.stdout?.on("data", read);
    child.stderr?.on("data", read);
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the front ended with ${code}: ${text}`)));
  });
  return front;
}

/** The project's root. */
export const ROOT = path.resolve(__dirname, "../..");

/** Makes the package resolve by its own name below the root, as the set-up does. */
export function linkPackage(): void {
  const link = path.join(ROOT, "node_modules/pulumi-safeguard");
  if (!fs.existsSync(link)) fs.symlinkSync("..", link, "junction");
}
