import type { Duplex } from "node:stream";
import { executeUnder } from "../command-line/fault";
import { LineEditor } from "../command-line/line-editor";
import { printPages } from "../command-line/pages";
import type { CommandLineSession, TerminalSize } from "../command-line/ssh-server";
import { endOf } from "../network/attached";
import { COMMANDS, DEVICE_COMMANDS, LOCKED_COMMANDS, refusedFor } from "./commands/clish";
import { type ClishSession, type ConfigurationCommand, invalid, isBeyondRole, lockedBy } from "./commands/command";
import { nextWords, selectCommand } from "./commands/command-table";
import type { Configuration } from "./configuration";
import type { Device, LockHolder } from "./device";
import { emulatedOutput } from "./emulated-shell";
import { type Environment, promptText } from "./environment";

/** One session on a gateway: Clish with its prompt, echo, pages and errors, and expert mode. */
export class Session implements ClishSession, CommandLineSession {
  readonly holder: LockHolder;
  rows: number;
  readonly environment: Environment;
  transaction: string[] | undefined;
  private mode: "clish" | "expert";
  private isEnded = false;
  private readonly editor: LineEditor;

  constructor(
    readonly device: Device,
    private readonly stream: Duplex,
    { length, width }: TerminalSize,
    mode: "clish" | "expert" = device.hasBashLogin ? "expert" : "clish",
  ) {
    this.holder = { user: device.username };
    this.rows = length;
    this.environment = { ...device.environment };
    this.mode = mode;
    this.editor = new LineEditor(stream, () => width);
    stream.on("data", () => {
      device.inputs += 1;
    });
    const end = () => this.end();
    device.onReboot.add(end);
    stream.on("close", () => {
      device.onReboot.delete(end);
      if (!this.isEnded && device.variants.keepsLockOfLostSession) return;
      this.isEnded = true;
      device.unlock(this.holder);
    });
  }

  async run(): Promise<void> {
    if (this.mode === "clish") this.enterClish();
    else if (await this.runShell()) return this.end();
    while (!this.isEnded) {
      const line = await this.editor.read(this.prompt, (typed) => this.help(typed), {
        complete: (typed) => this.completion(typed),
      });
      if (line === undefined) return;
      if (this.device.variants.echoesTwice) this.print(`${this.prompt}${line}\n`);
      await this.execute(line);
    }
  }

  async runOnce(line: string): Promise<void> {
    this.rows = 0;
    if (this.mode === "clish") this.enterClish();
    await this.execute(line);
    this.end();
  }

  /** Executes commands as `clish -f` does: to the first that is refused, unless `isIgnoring`. */
  async runBatch(lines: readonly string[], isIgnoring: boolean): Promise<void> {
    this.rows = 0;
    this.enterClish();
    for (const line of lines) {
      const isRefused = await this.execute(line);
      if ((isRefused && !isIgnoring) || this.isEnded) break;
    }
    this.end();
  }

  async enterExpert(): Promise<void> {
    if (!(await this.runShell())) this.mode = "expert";
  }

  end(): void {
    this.isEnded = true;
    this.device.unlock(this.holder);
    this.stream.end();
  }

  async ask(question: string, isHidden = false): Promise<string> {
    return (await this.editor.read(question, undefined, { isHidden })) ?? "";
  }

  private get prompt(): string {
    const { hostname } = this.device.running;
    if (this.mode === "expert") return `[Expert@${hostname}:0]# `;
    const facts = { hostname, user: this.holder.user, command: this.device.commands.length };
    return `${promptText(this.environment.prompt, facts)}> `;
  }

  /** A session gets the lock if no other one has it. */
  private enterClish(): void {
    const { device, holder } = this;
    if (!device.lock(holder) && device.lockHolder) this.print(`${lockedBy(device.lockHolder)}\n`);
  }

  /** Runs a real shell on the terminal until it ends. @returns false where the device has none */
  private async runShell(): Promise<boolean> {
    const { device, stream } = this;
    const shell = device.effects.openShell?.(device.running.hostname);
    if (!shell) return false;
    const takeBack = this.editor.handOver((data) => shell.stdin?.write(data));
    const end = () => shell.kill("SIGHUP");
    stream.on("close", end);
    shell.stdout?.on("data", (data: Buffer) => {
      if (device.isShellOutputLost(data.toString())) this.drop();
      else if (!stream.destroyed) stream.write(data);
    });
    await endOf(shell).catch(() => undefined);
    stream.removeListener("close", end);
    takeBack();
    return true;
  }

  /** @returns whether the command was refused */
  private async execute(typed: string): Promise<boolean> {
    const line = typed.trim();
    if (line === "" || line.startsWith("#")) return false;
    let output: string | undefined;
    await executeUnder(this.device.faultFor(line), {
      record: () => this.device.commands.push(line),
      execute: async () => {
        output = await (this.mode === "clish" ? this.executeClish(line) : this.executeExpert(line));
        return output;
      },
      drop: () => this.drop(),
      print: (text) => this.print(text),
      printPaged: (text) => this.printPaged(text),
    });
    return /^CLINFR/.test(output ?? "");
  }

  private drop(): void {
    this.stream.destroy();
  }

  private async executeClish(line: string): Promise<string | undefined> {
    const { device } = this;
    if (isBeyondRole(line, device.variants)) return invalid(line);
    const free = selectCommand(COMMANDS, line);
    if ("entry" in free) return await free.entry.run(this, free.values);
    const ofDevice = selectCommand(DEVICE_COMMANDS, line);
    const locked = selectCommand(LOCKED_COMMANDS, line);
    if (!("entry" in ofDevice) && !("entry" in locked)) {
      const refusals = [free, ofDevice, locked].flatMap((one) => ("refusal" in one ? [one.refusal] : []));
      return refusals.find((text) => text.includes("Incomplete")) ?? refusals[0];
    }
    if (device.lockHolder !== this.holder) return refusedFor(device);
    if ("entry" in ofDevice) return await ofDevice.entry.run(this, ofDevice.values);
    if (this.transaction) {
      const { refusal } = changedBy(structuredClone(device.running), [...this.transaction, line], device);
      if (refusal === undefined) this.transaction.push(line);
      return refusal;
    }
    const { refusal } = changedBy(device.running, [line], device);
    if (refusal === undefined) await device.effects.configurationChanged(device.running);
    return refusal;
  }

  async executeLine(line: string): Promise<boolean> {
    return await this.execute(line);
  }

  async commit(): Promise<string | undefined> {
    const { device } = this;
    const lines = this.transaction ?? [];
    this.transaction = undefined;
    const { refusal, configuration } = changedBy(structuredClone(device.running), lines, device);
    if (refusal !== undefined) return refusal;
    device.running = configuration;
    await device.effects.configurationChanged(configuration);
    return undefined;
  }

  private async executeExpert(line: string): Promise<string | undefined> {
    if (line === "exit") {
      if (this.device.hasBashLogin) this.end();
      else this.mode = "clish";
      return undefined;
    }
    if (line === "clish") {
      this.mode = "clish";
      this.enterClish();
      return undefined;
    }
    const [, command] = /^clish -c "([^"]*)"$/.exec(line) ?? [];
    if (command === undefined)
      return emulatedOutput(this.device, line) ?? `-bash: ${line.split(" ")[0]}: command not found`;
    const output = await this.executeClish(command);
    return output;
  }

  private help(typed: string): string {
    return nextWords([...COMMANDS, ...DEVICE_COMMANDS, ...LOCKED_COMMANDS], typed)
      .map((word) => `  ${word}\n`)
      .join("");
  }

  /** The line with the only word that may follow or stand for the one that was begun, or the words that may. */
  private completion(typed: string): string | string[] {
    const [begun = ""] = /\S*$/.exec(typed) ?? [];
    const before = typed.slice(0, typed.length - begun.length);
    const words = nextWords([...COMMANDS, ...DEVICE_COMMANDS, ...LOCKED_COMMANDS], before);
    const [only = "", ...others] = words.filter((word) => !word.startsWith("<") && word.startsWith(begun));
    return only === "" || others.length > 0 ? [only, ...others] : `${before}${only} `;
  }

  print(text: string): void {
    if (!this.stream.destroyed) this.stream.write(text.replace(/\n/g, "\r\n"));
  }

  private async printPaged(text: string): Promise<void> {
    const print = (page: string) => this.print(page);
    await printPages(text, { editor: this.editor, length: this.rows, more: "-- More --", quits: ["q", "Q"], print });
  }
}

/** Changes a configuration by commands, up to the first that is refused. */
function changedBy(
  configuration: Configuration,
  lines: readonly string[],
  { variants }: Device,
): { configuration: Configuration; refusal: string | undefined } {
  for (const line of lines) {
    const selection = selectCommand(LOCKED_COMMANDS, line);
    if (!("entry" in selection)) return { configuration, refusal: selection.refusal };
    const run = selection.entry.run as ConfigurationCommand["run"];
    const refusal = run(configuration, selection.values, line, variants.matchLines);
    if (refusal !== undefined) return { configuration, refusal };
  }
  return { configuration, refusal: undefined };
}
