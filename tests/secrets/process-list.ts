import { readdirSync, readFileSync } from "node:fs";

/** How often the process list is read, in milliseconds. */
const EVERY_MILLISECONDS = 50;

/** The command lines of every process of this machine that ran while it was watched. */
export class ProcessList {
  private readonly seen = new Set<string>();
  private readonly timer = setInterval(() => this.look(), EVERY_MILLISECONDS);

  /** Every command line so far, arguments separated by spaces. */
  get commandLines(): string[] {
    return [...this.seen];
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      const line = commandLineOf(pid);
      if (line !== "") this.seen.add(line);
    }
  }
}

/** Empty for a process that is gone by now, and for the kernel's own. */
function commandLineOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
  } catch {
    return "";
  }
}
