import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

/** Finds the engine's events in a file, as versions before 3.206 write them. */
const VERSION = "v3.200.0";

/**
 * Stands in for the Pulumi CLI on PATH: notes its calls, and does at each command what the shell lines of that command say. A command
 * without lines succeeds. Shows how the step calls the CLI, not what Pulumi does.
 */
export class FakePulumi {
  readonly folder = mkdtempSync(join(tmpdir(), "fake-pulumi-"));
  private readonly path = process.env.PATH;

  constructor(commands: Readonly<Record<string, string>>) {
    const bin = join(this.folder, "bin");
    mkdirSync(bin);
    const cases = Object.entries({ version: `echo ${VERSION}`, ...commands });
    const lines = cases.map(([name, text]) => `${name})\n${text}\n;;`);
    const program = ["#!/bin/sh", `cd '${this.folder}'`, 'echo "$*" >> calls', 'case "$1" in', ...lines, "esac"];
    writeFileSync(join(bin, "pulumi"), `${program.join("\n")}\n`, { mode: 0o755 });
    process.env.PATH = `${bin}${delimiter}${this.path}`;
  }

  /** The names of the calls so far that do something, such as `preview`. */
  calls(): string[] {
    const names = readFileSync(join(this.folder, "calls"), "utf8").split("\n");
    return names.map((line) => line.split(" ")[0] ?? "").filter((name) => /^(preview|up|cancel)$/.test(name));
  }

  close(): void {
    process.env.PATH = this.path;
    rmSync(this.folder, { recursive: true, force: true });
  }
}
