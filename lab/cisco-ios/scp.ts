import type { ServerChannel } from "ssh2";
import type { Device } from "./device";

const OK = "\0";

/** Bytes of a channel in the order of arrival, by line and by count. */
class Bytes {
  private waiting = Buffer.alloc(0);
  private isEnded = false;
  private notify: () => void = () => undefined;

  constructor(channel: ServerChannel) {
    channel.on("data", (data: Buffer) => {
      this.waiting = Buffer.concat([this.waiting, data]);
      this.notify();
    });
    for (const event of ["end", "close", "error"]) {
      channel.on(event, () => {
        this.isEnded = true;
        this.notify();
      });
    }
  }

  /** @returns undefined at the end of the channel */
  async take(count: number): Promise<Buffer | undefined> {
    while (this.waiting.length < count) {
      if (this.isEnded) return undefined;
      await new Promise<void>((resolve) => {
        this.notify = resolve;
      });
    }
    const taken = this.waiting.subarray(0, count);
    this.waiting = this.waiting.subarray(count);
    return taken;
  }

  async line(): Promise<string | undefined> {
    let text = "";
    for (;;) {
      const byte = await this.take(1);
      if (!byte) return undefined;
      if (byte[0] === 0x0a) return text;
      text += byte.toString("latin1");
    }
  }
}

/** Serves `scp` for the files of a device: one file in either direction. @returns the exit status */
export async function serveScp(device: Device, command: string, channel: ServerChannel): Promise<number> {
  const words = command.split(/ +/);
  const path = words.at(-1) ?? "";
  const bytes = new Bytes(channel);
  if (!device.running.globals.includes("ip scp server enable")) return refuse(channel, "Administratively disabled.");
  if (words.includes("-t")) return await receive(device, path, channel, bytes);
  if (words.includes("-f")) return await send(device, path, channel, bytes);
  return refuse(channel, "Invalid command");
}

async function receive(device: Device, path: string, channel: ServerChannel, bytes: Bytes): Promise<number> {
  channel.write(OK);
  for (let line = await bytes.line(); line !== undefined; line = await bytes.line()) {
    // Times of the file may come before it.
    const [, size, name = ""] = /^C\d+ (\d+) (.+)$/.exec(line) ?? [];
    channel.write(OK);
    if (size === undefined) continue;
    const content = await bytes.take(Number(size));
    const end = await bytes.take(1);
    if (!content || !end) return 1;
    const target = device.files.nameOf(path) === undefined ? `${path.replace(/\/$/, "")}/${name}` : path;
    if (!device.files.write(target, content.toString())) return refuse(channel, `${path}: No such file or directory`);
    channel.write(OK);
  }
  return 0;
}

async function send(device: Device, path: string, channel: ServerChannel, bytes: Bytes): Promise<number> {
  const content = device.files.read(path);
  if (content === undefined) return refuse(channel, `${path}: No such file or directory`);
  for (const part of [`C0644 ${Buffer.byteLength(content)} ${device.files.nameOf(path)}\n`, `${content}${OK}`]) {
    const answer = await bytes.take(1);
    if (answer?.[0] !== 0) return 1;
    channel.write(part);
  }
  return (await bytes.take(1)) ? 0 : 1;
}

function refuse(channel: ServerChannel, text: string): number {
  channel.write(`\x01${text}\n`);
  return 1;
}
