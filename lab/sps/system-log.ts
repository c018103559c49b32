import type { LabClock } from "../common/clock";

/** The last lines of an appliance's system log. They contain no secrets. */
export class SystemLog {
  readonly lines: string[] = [];

  constructor(private readonly clock: LabClock) {}

  write(program: string, text: string): void {
    this.lines.push(`${this.clock.now().toISOString()} ${program}: ${text}`);
    if (this.lines.length > 1000) this.lines.shift();
  }
}
