import { randomUUID } from "node:crypto";
import { closeSync, openSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StringDecoder } from "node:string_decoder";

const CHUNK_BYTES = 65_536;

/**
 * A file into which a program writes what it prints, and from which this process reads it. Unlike a pipe, it does not break when this
 * process dies. It has no name, because programs may print secrets: nobody else can open it, and nothing of it is left when the last
 * process that has it open ends. Where the system does not remove open files, it is readable by its user only until `close`.
 */
export class OutputFile {
  private readonly path = join(tmpdir(), `rollout-output-${randomUUID()}`);
  /** For the program. */
  readonly descriptor = openSync(this.path, "ax", 0o600);
  private readonly reader: number;
  private readonly decoder = new StringDecoder("utf8");
  private readonly chunk = Buffer.alloc(CHUNK_BYTES);
  private position = 0;

  constructor() {
    try {
      this.reader = openSync(this.path, "r");
    } catch (error) {
      closeSync(this.descriptor);
      throw error;
    } finally {
      this.remove();
    }
  }

  /** What was written since the last time. */
  read(): string {
    let text = "";
    for (;;) {
      const bytes = readSync(this.reader, this.chunk, 0, CHUNK_BYTES, this.position);
      if (bytes === 0) return text;
      this.position += bytes;
      text += this.decoder.write(this.chunk.subarray(0, bytes));
    }
  }

  close(): void {
    closeSync(this.descriptor);
    closeSync(this.reader);
    this.remove();
  }

  private remove(): void {
    try {
      rmSync(this.path, { force: true });
    } catch {
      // It is removed when it is closed.
    }
  }
}
