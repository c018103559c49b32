import type { ChildProcess } from "node:child_process";

/** The process that makes the changes. */
export class Victim {
  said = "";
  /** When it said how it ended, or ended without a word, as `performance.now()`. */
  doneAt: number | undefined;
  readonly begun: Promise<boolean>;
  readonly ended: Promise<void>;

  constructor(
    private readonly child: ChildProcess,
    beginning: string,
  ) {
    const isDone = () => {
      this.doneAt ??= performance.now();
    };
    this.ended = new Promise((resolve) => child.once("close", () => resolve(isDone())));
    this.begun = new Promise((resolve) => {
      const limit = setTimeout(() => resolve(false), 60_000);
      const settle = (isBegun: boolean) => {
        clearTimeout(limit);
        resolve(isBegun);
      };
      child.stdout?.on("data", (chunk: Buffer) => {
        this.said += chunk.toString();
        if (this.said.includes(beginning)) settle(true);
        if (/^END /m.test(this.said)) isDone();
      });
      child.once("close", () => settle(false));
    });
  }

  /** True as soon as it has said how it ended, or has ended. */
  get isDone(): boolean {
    return /^END /m.test(this.said) || this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** The last thing it said, without what belongs to this run alone. */
  get phase(): string {
    const last = this.said.trim().split("\n").at(-1) ?? "";
    return last
      .replace(/^router \S+: /, "")
      .replace(/\d+/g, "N")
      .slice(0, 60);
  }

  tell(message: number): void {
    if (this.child.connected) this.child.send(message);
  }

  kill(): void {
    if (this.child.pid === undefined || this.child.exitCode !== null || this.child.signalCode !== null) return;
    try {
      process.kill(-this.child.pid, "SIGKILL");
    } catch {
      // It ended just then.
    }
  }
}
