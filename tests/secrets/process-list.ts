import { readdirSync, readFileSync } from "node:fs";

/** Interval between two reads of the process list. */
const EVERY_MILLISECONDS = 50;

/** Collects the command lines of all processes of this machine. Misses processes that end between two reads. */
export class ProcessList {
  private readonly seen = new Set<string>();
  private readonly timer = setInterval(() => this.read(), EVERY_MILLISECONDS);

  /** Every command line so far, arguments separated by spaces. */
  get commandLines(): string[] {
    return [...this.seen];
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Reads the process list now. */
  read(): void {
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      const line = commandLineOf(pid);
      if (line !== "") this.seen.add(line);
    }
  }
}

/** The command line of a process; empty for an ended process and for kernel threads. */
function commandLineOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
  } catch {
    return "";
  }
}
