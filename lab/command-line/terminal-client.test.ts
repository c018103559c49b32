import assert from "node:assert/strict";
import { Client, type ClientChannel } from "ssh2";

/** A client that knows nothing but the terminal. */
export class TerminalClient {
  private text = "";

  private constructor(
    private readonly client: Client,
    private readonly channel: ClientChannel,
    private readonly prompt: RegExp,
  ) {
    channel.on("data", (data: Buffer) => {
      this.text += data.toString();
    });
  }

  /** Logs in and waits for the prompt. */
  static async open(
    server: { address: string; port: number; username: string; password: string },
    prompt: RegExp,
    { rows = 24, cols = 80 } = {},
  ): Promise<TerminalClient> {
    const client = new Client();
    const { address: host, port, username, password } = server;
    client.connect({ host, port, username, password });
    await new Promise((resolve, reject) => client.once("ready", () => resolve(undefined)).once("error", reject));
    const channel = await new Promise<ClientChannel>((resolve, reject) =>
      client.shell({ rows, cols, term: "vt100" }, (error, opened) => (error ? reject(error) : resolve(opened))),
    );
    const terminal = new TerminalClient(client, channel, prompt);
    await terminal.until(prompt);
    return terminal;
  }

  /** What was written since the last line or key was typed. */
  get shown(): string {
    return this.text.replaceAll("\r\n", "\n");
  }

  /** Types a line and returns everything until the next prompt, with plain line breaks. */
  async type(line: string, end = this.prompt): Promise<string> {
    this.text = "";
    this.channel.write(`${line}\r`);
    return await this.until(end);
  }

  async key(key: string, end: RegExp): Promise<string> {
    this.text = "";
    this.channel.write(key);
    return await this.until(end);
  }

  /** Presses keys and waits for nothing. */
  press(keys: string): void {
    this.text = "";
    this.channel.write(keys);
  }

  close(): void {
    this.client.end();
  }

  private async until(end: RegExp): Promise<string> {
    const limit = Date.now() + 10_000;
    for (;;) {
      if (end.test(this.shown)) return this.shown;
      assert.ok(Date.now() < limit, `no answer: ${JSON.stringify(this.text)}`);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }
}
