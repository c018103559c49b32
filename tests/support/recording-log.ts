import type { Log } from "../../provider/core/context";

/** A log that records every line. */
export class RecordingLog implements Log {
  readonly lines: { level: keyof Log; message: string }[] = [];

  /** Recorded among the lines of information. */
  result(message: string): void {
    this.info(message);
  }

  info(message: string): void {
    this.lines.push({ level: "info", message });
  }

  warn(message: string): void {
    this.lines.push({ level: "warn", message });
  }

  debug(message: string): void {
    this.lines.push({ level: "debug", message });
  }

  status(message: string): void {
    this.lines.push({ level: "status", message });
  }

  /** The messages of one level, in order. */
  of(level: keyof Log): string[] {
    return this.lines.filter((line) => line.level === level).map((line) => line.message);
  }

  /** Every message. */
  get all(): string[] {
    return this.lines.map((line) => line.message);
  }

  clear(): void {
    this.lines.length = 0;
  }
}
