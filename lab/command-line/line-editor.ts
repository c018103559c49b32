import type { Duplex } from "node:stream";

/** How a line is read. */
export interface ReadOptions {
  /** True does not echo the line. */
  isHidden?: boolean;
  /** Returns the line that the tab key makes of the typed one, or words to print. Without it the key is part of the line. */
  complete?: (typed: string) => string | string[];
  /** True prints the prompt and the line again after the tab key, as IOS does. */
  repeatsLine?: boolean;
}

/** Reads lines and keys from a terminal, and echoes them. Input that arrives early waits. */
export class LineEditor {
  private waiting = "";
  private isEnded = false;
  private consumer: ((data: string) => void) | undefined;
  private notify: () => void = () => undefined;

  constructor(
    private readonly stream: Duplex,
    private readonly width: () => number,
  ) {
    stream.on("data", (data: Buffer) => {
      if (this.consumer) return this.consumer(data.toString());
      this.waiting += data.toString();
      this.notify();
    });
    const end = () => {
      this.isEnded = true;
      this.notify();
    };
    stream.on("end", end);
    stream.on("close", end);
    stream.on("error", end);
  }

  /** Reads one line after a prompt; undefined at the end of the stream. `?` prints what `help` returns. */
  async read(
    prompt: string,
    help?: (typed: string) => string,
    { isHidden = false, complete, repeatsLine = false }: ReadOptions = {},
  ): Promise<string | undefined> {
    let line = "";
    this.write(prompt);
    for (;;) {
      const key = await this.key();
      if (key === undefined) return undefined;
      if (key === "\r" || key === "\n") {
        // A line break of two characters counts once.
        if (key === "\r" && this.waiting.startsWith("\n")) this.waiting = this.waiting.slice(1);
        this.write("\r\n");
        return line;
      }
      if (key === "\u0003") {
        this.write(`\r\n${prompt}`);
        line = "";
      } else if (key === "\u001a") {
        this.write("^Z\r\n");
        return "end";
      } else if (key === "\u0015") {
        if (!isHidden) this.write("\b \b".repeat(line.length));
        line = "";
      } else if (key === "\u001e") {
        // The escape character does nothing here.
      } else if (key === "\b" || key === "\u007f") {
        if (line !== "") this.write(isHidden ? "" : "\b \b");
        line = line.slice(0, -1);
      } else if (key === "\t" && complete) {
        const whole = complete(line);
        if (typeof whole === "string") {
          this.write(repeatsLine ? `\r\n${prompt}${whole}` : whole.slice(line.length));
          line = whole;
        } else this.write(`\r\n${whole.join("  ")}\r\n${prompt}${line}`);
      } else if (key === "?" && help) {
        this.write(`?\r\n${help(line).replace(/\n/g, "\r\n")}\r\n${prompt}${line}`);
      } else {
        line += key;
        if (!isHidden) this.echo(key, prompt.length + line.length);
      }
    }
  }

  /** Gives all input to another program, until the returned function is called. */
  handOver(consumer: (data: string) => void): () => void {
    this.consumer = consumer;
    const early = this.waiting;
    this.waiting = "";
    if (early !== "") consumer(early);
    return () => {
      this.consumer = undefined;
    };
  }

  /** Shows all input to another program, which returns what it leaves to the next reader, until the returned function is called. */
  share(consumer: (data: string) => string): () => void {
    return this.handOver((data) => {
      this.waiting += consumer(data);
    });
  }

  /** Reads one key after a text, and erases the text. */
  async readKey(text: string): Promise<string | undefined> {
    this.write(text);
    const key = await this.key();
    this.write("\b".repeat(text.length) + " ".repeat(text.length) + "\b".repeat(text.length));
    return key;
  }

  /** A line that reaches the width goes on in the next line of the screen. */
  private echo(key: string, column: number): void {
    const width = this.width();
    this.write(width > 0 && column > width && column % width === 1 ? `\r\n${key}` : key);
  }

  private async key(): Promise<string | undefined> {
    while (this.waiting === "") {
      if (this.isEnded) return undefined;
      await new Promise<void>((resolve) => {
        this.notify = resolve;
      });
    }
    const key = this.waiting[0];
    this.waiting = this.waiting.slice(1);
    return key;
  }

  private write(text: string): void {
    if (!this.stream.destroyed && text !== "") this.stream.write(text);
  }
}
