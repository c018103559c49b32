import type { Duplex } from "node:stream";
import { executeUnder } from "../command-line/fault";
import { LineEditor } from "../command-line/line-editor";
import { printPages } from "../command-line/pages";
import { nextWords, type Pattern, type Refusal, selectCommand } from "./command-table";
import type { Device } from "./device";
import { PRIVILEGED_COMMANDS, USER_COMMANDS } from "./exec/commands";
import { BAD_EXPRESSION, parsePipe, piped } from "./exec/filter";
import { HIGHEST_LEVEL, loginLevel } from "./exec/privileges";
import { resume } from "./exec/probes/telnet";
import type { ExecSession, OpenConnection } from "./exec/session";
import { beginBanner, goOnWithBanner, keepBanner } from "./modes/banner";
import { BAD_NAME, type ConfigurationContext, type Place } from "./modes/context";
import { findInterface } from "./modes/interface";
import { configureLine, MODES } from "./modes/modes";

export interface SessionOptions {
  device: Device;
  user: string;
  /** Address of the client. */
  location: string;
  stream: Duplex;
  /** Size of the terminal; 0 lines print without pages. */
  length: number;
  width: number;
}

/** One session on the command line of a device: prompts, echo, modes, pages, filters and errors. */
export class Session implements ExecSession {
  readonly device: Device;
  readonly user: string;
  readonly location: string;
  readonly line: number;
  isMonitoring = false;
  privilege: number;
  length: number;
  width: number;
  readonly connections: OpenConnection[] = [];
  private readonly endings: (() => void)[] = [];
  private place: Place | undefined;
  private isEnded = false;
  private lastInput = Date.now();
  private readonly stream: Duplex;
  private readonly editor: LineEditor;

  constructor({ device, user, location, stream, length, width }: SessionOptions) {
    this.device = device;
    this.user = user;
    this.location = location;
    this.stream = stream;
    this.length = length;
    this.width = width;
    this.privilege = loginLevel(device, user);
    this.editor = new LineEditor(stream, () => this.width);
    stream.on("data", () => {
      this.lastInput = Date.now();
    });
    stream.on("close", () => {
      this.isEnded = true;
      device.vtys.release(this);
      for (const action of this.endings.splice(0)) action();
      for (const { streams } of this.connections.splice(0)) streams.close();
    });
    device.onReload.push(() => this.end());
    this.line = device.vtys.occupy(this);
  }

  /** Serves the session until it ends. */
  async run(): Promise<void> {
    const { motd, exec } = this.device.running.banners;
    const shown = [motd, exec].flatMap((text) => (text === undefined ? [] : [`${text}\n`]));
    this.print(shown.join("") || "\n");
    while (!this.isEnded) {
      const complete = (typed: string) => this.complete(typed);
      const line = await this.editor.read(this.prompt, (typed) => this.help(typed), { complete, repeatsLine: true });
      if (line === undefined) return;
      await this.execute(line);
    }
  }

  /** Executes one line, prints its output, and ends as an exec request does. */
  async runOnce(line: string): Promise<void> {
    await this.execute(line);
    this.end();
  }

  get idleSeconds(): number {
    return (Date.now() - this.lastInput) / 1000;
  }

  enterConfiguration(): void {
    this.place = { mode: "config" };
  }

  end(): void {
    this.isEnded = true;
    this.stream.end();
  }

  async ask(question: string, isHidden = false): Promise<string> {
    return (await this.editor.read(question, undefined, { isHidden })) ?? "";
  }

  async read(prompt: string): Promise<string | undefined> {
    return await this.editor.read(prompt);
  }

  async executeAndPrint(line: string): Promise<void> {
    this.device.commands.push(line);
    const output = await this.executeExec(line, 0);
    if (output !== undefined && output !== "") await this.printPaged(output);
  }

  hasInterface(name: string): boolean {
    return findInterface(this.device.running, name) !== undefined;
  }

  async untilEscape<T>(work: (interrupt: AbortSignal) => Promise<T>): Promise<T> {
    const interrupt = new AbortController();
    this.onEnd(() => interrupt.abort());
    const takeBack = this.handOver((typed) => {
      const at = typed.indexOf("\u001e");
      if (at < 0) return typed;
      interrupt.abort();
      return typed.slice(0, at) + typed.slice(at + 1);
    });
    return await work(interrupt.signal).finally(takeBack);
  }

  handOver(consumer: (typed: string) => string): () => void {
    return this.editor.share(consumer);
  }

  onEnd(action: () => void): void {
    this.endings.push(action);
  }

  private get execCommands() {
    return this.privilege === HIGHEST_LEVEL ? PRIVILEGED_COMMANDS : USER_COMMANDS;
  }

  private get prompt(): string {
    const { hostname } = this.device.running;
    if (!this.place) return `${hostname}${this.privilege > 1 ? "#" : ">"}`;
    // The name is cut so that the prompt stays short.
    return `${hostname.slice(0, 20)}(${this.place.mode})#`;
  }

  private async execute(typed: string): Promise<void> {
    const line = typed.trim();
    if (line === "" && this.connections.length > 0) return this.print(await resume(this));
    if (line === "" || line.startsWith("!")) return;
    const promptLength = this.prompt.length;
    if (this.device.logLine !== undefined) this.print(`${this.device.logLine}\n`);
    await executeUnder(this.device.faultFor(line), {
      record: () => this.device.commands.push(line),
      execute: () => (this.place ? this.configure(line, promptLength) : this.executeExec(line, promptLength)),
      drop: () => this.drop(),
      print: (text) => this.print(text),
      printPaged: (text) => this.printPaged(text),
    });
  }

  private drop(): void {
    this.isEnded = true;
    this.stream.destroy();
  }

  private async executeExec(typed: string, promptLength: number): Promise<string | undefined> {
    const [, line = "", filter] = /^([^|]*?)(?:\s*\|(.*))?$/.exec(typed) ?? [];
    const pipe = filter === undefined ? undefined : parsePipe(filter);
    const selection = selectCommand(this.execCommands, line);
    if ("refusal" in selection) return refusalText(selection, line, promptLength);
    if (pipe && "refusal" in pipe) {
      if (pipe.refusal === "expression") return `${BAD_EXPRESSION}\n`;
      return pipe.refusal === "incomplete"
        ? INCOMPLETE
        : invalid(promptLength + typed.length - (filter ?? "").trimStart().length);
    }
    const output = await selection.entry.run(this, selection.values);
    return pipe && output !== undefined ? piped(output, pipe, this.device.files) : output;
  }

  private async configure(line: string, promptLength: number): Promise<string | undefined> {
    const place = this.place ?? { mode: "config" };
    const isExit = /^exi?t?$/.test(line);
    if (line === "end" || (isExit && place.mode === "config")) {
      this.place = undefined;
      this.device.vtys.report(
        `%SYS-5-CONFIG_I: Configured from console by ${this.user} on vty${this.line} (${this.location})`,
      );
      return undefined;
    }
    if (isExit) {
      this.place = { mode: "config" };
      return undefined;
    }
    const [, command] = /^do (.*)$/.exec(line) ?? [];
    if (command !== undefined) return await this.executeExec(command, promptLength);
    const banner = beginBanner(line);
    if (banner && !banner.isWhole) return await this.readBanner(banner);
    const context: ConfigurationContext = { configuration: this.device.running, place };
    const result = configureLine(context, line);
    if ("refusal" in result) return refusalText(result, line, promptLength);
    this.place = context.place;
    await this.device.follow();
    return result.output;
  }

  /** Reads the lines of a banner to its end. */
  private async readBanner(first: NonNullable<ReturnType<typeof beginBanner>>): Promise<undefined> {
    this.print(`Enter TEXT message.  End with the character '${first.delimiter}'.\n`);
    let banner = first;
    while (!banner.isWhole) {
      const line = await this.editor.read("");
      if (line === undefined) return;
      banner = goOnWithBanner(banner, line);
    }
    keepBanner(this.device.running, banner);
    this.place = { mode: "config" };
  }

  /** The words that may come next; right after a word, those that it begins. */
  private help(typed: string): string {
    const words = nextWords(this.commandsHere, typed);
    if (/\S$/.test(typed)) return words.length > 0 ? `${words.join("  ")}\n` : `% Unrecognized command\n`;
    return words.length > 0 ? words.map((word) => `  ${word}\n`).join("") : `% Unrecognized command\n`;
  }

  /** The line with its last word complete, where only one keyword begins so. */
  private complete(typed: string): string {
    const words = /\S$/.test(typed) ? nextWords(this.commandsHere, typed) : [];
    const [only] = words;
    return words.length === 1 && only !== undefined ? `${typed.replace(/\S+$/, only)} ` : typed;
  }

  private get commandsHere(): readonly Pattern[] {
    return this.place ? MODES[this.place.mode] : this.execCommands;
  }

  print(text: string): void {
    if (!this.stream.destroyed) this.stream.write(text.replace(/\n/g, "\r\n"));
  }

  private async printPaged(text: string): Promise<void> {
    const print = (page: string) => this.print(page);
    await printPages(text, { editor: this.editor, length: this.length, more: " --More-- ", quits: ["q"], print });
  }
}

const INCOMPLETE = "% Incomplete command.\n";

function refusalText(selection: Refusal, line: string, promptLength: number): string {
  if (selection.refusal === "incomplete") return INCOMPLETE;
  if (!("position" in selection)) return `% Ambiguous command:  "${line}"`;
  return invalid(promptLength + selection.position);
}

function invalid(column: number): string {
  return `${" ".repeat(column)}^\n${BAD_NAME}\n`;
}
