import type { ChildProcess } from "node:child_process";

/** The process that makes the changes. */
export class Victim {
  output = "";
  /** When it reported its end or exited, as `performance.now()`. */
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
        this.output += chunk.toString();
        if (this.output.includes(beginning)) settle(true);
        if (/^END /m.test(this.output)) isDone();
      });
      child.once("close", () => settle(false));
    });
  }

  /** True as soon as it has reported its end or exited. */
  get isDone(): boolean {
    return /^END /m.test(this.output) || this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Its last line, without anything specific to this run. */
  get phase(): string {
    const last = this.output.trim().split("\n").at(-1) ?? "";
    return last
      .replace(/^router \S+: /, "")
      .replace(/\d+/g, "N")
      .slice(0, 60);
  }

  send(message: number): void {
    if (this.child.connected) this.child.send(message);
  }

  kill(): void {
    if (this.child.pid === undefined || this.child.exitCode !== null || this.child.signalCode !== null) return;
    try {
      process.kill(-this.child.pid, "SIGKILL");
    } catch {
      // It has just ended.
    }
  }
}
