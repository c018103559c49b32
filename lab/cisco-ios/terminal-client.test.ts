import assert from "node:assert/strict";
import { Client, type ClientChannel } from "ssh2";
import type { CiscoRouter } from "./lab-router";

/** A client that knows nothing but the terminal. */
export class TerminalClient {
  private text = "";

  private constructor(
    private readonly client: Client,
    private readonly channel: ClientChannel,
  ) {
    channel.on("data", (data: Buffer) => {
      this.text += data.toString();
    });
  }

  static async open({ device, server }: CiscoRouter, rows = 24): Promise<TerminalClient> {
    const client = new Client();
    const { address: host, port } = server;
    client.connect({ host, port, username: device.username, password: device.password });
    await new Promise((resolve, reject) => client.once("ready", () => resolve(undefined)).once("error", reject));
    const channel = await new Promise<ClientChannel>((resolve, reject) =>
      client.shell({ rows, cols: 80, term: "vt100" }, (error, opened) => (error ? reject(error) : resolve(opened))),
    );
    const terminal = new TerminalClient(client, channel);
    await terminal.until(/edge-1[>#]$/);
    return terminal;
  }

  /** Types a line and returns everything until the next prompt, with plain line breaks. */
  async type(line: string, end = /(^|\n)edge-1(\([a-z-]+\))?[>#]$/): Promise<string> {
    this.text = "";
    this.channel.write(`${line}\r`);
    return await this.until(end);
  }

  async key(key: string, end: RegExp): Promise<string> {
    this.text = "";
    this.channel.write(key);
    return await this.until(end);
  }

  close(): void {
    this.client.end();
  }

  private async until(end: RegExp): Promise<string> {
    const limit = Date.now() + 3000;
    for (;;) {
      const shown = this.text.replaceAll("\r\n", "\n");
      if (end.test(shown)) return shown;
      assert.ok(Date.now() < limit, `no answer: ${JSON.stringify(this.text)}`);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }
}
