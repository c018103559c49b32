import assert from "node:assert/strict";
import { Readable, Writable } from "node:stream";
import { RemoteShell, ShellFailure } from "../../../provider/ssh/shell";
import { TERMINAL_ATTACK } from "./answers";
import { Random } from "./random";

/** What a hostile shell writes, given the mark that it was told; undefined ends the stream. */
type Make = (random: Random, mark: string) => string | Buffer | undefined;

const WRITTEN: Record<string, Make> = {
  "nothing, without end": () => "",
  "zeros without end": () => Buffer.alloc(65_536),
  "marks without end": (_random, mark) => `\n${mark}\n`.repeat(1000),
  "results without end": (_random, mark) => `\n${mark} 0\n`.repeat(1000),
  "beginnings of marks": (random, mark) => `\n${mark.slice(0, random.below(mark.length))}`.repeat(100),
  "statuses that are none": (_random, mark) => `\n${mark} 99999\n\n${mark} -1\n`.repeat(100),
  "random bytes": (random) => random.bytes(1000),
  "a terminal attack": (random, mark) => random.pick([TERMINAL_ATTACK, `\n${mark}\n`, `\n${mark} 1\n`]),
  "some lines, and the end": (random, mark) => random.pick(["line\n", `\n${mark}\n`, undefined]),
};

export interface HostileShellCase {
  seed: number;
  kind: string;
  seconds: number;
  outcome: string;
}

/** Runs scripts in a shell whose output is hostile. @throws AssertionError for a failure of another kind, or too much kept of it */
export async function runHostileShell(seed: number, limitSeconds: number): Promise<HostileShellCase> {
  const random = new Random(seed);
  const kind = random.pick(Object.keys(WRITTEN));
  const errorKind = random.pick(Object.keys(WRITTEN));
  let mark = "@@";
  const stdin = new Writable({
    write(data: Buffer, _encoding, done) {
      mark = /@@[0-9a-f]+/.exec(String(data))?.[0] ?? mark;
      done();
    },
  });
  const stream = (name: string) =>
    new Readable({
      read() {
        const written = WRITTEN[name]?.(random, mark);
        if (written === undefined) this.push(null);
        else if (written.length > 0) setImmediate(() => this.push(written));
      },
    });
  const streams = { stdin, stdout: stream(kind), stderr: stream(errorKind) };
  const shell = new RemoteShell(streams, () => {
    streams.stdout.destroy();
    streams.stderr.destroy();
  });
  const started = performance.now();
  const { signal } = new AbortController();
  const outcomes: string[] = [];
  for (let script = 0; script < 2; script += 1) {
    const onOutput = { text: "\nnever\n", run: () => undefined };
    outcomes.push(
      await shell.run("true", { limitSeconds, signal, onOutput }).then(
        ({ status, stderr }) => {
          assert.ok(status >= 0 && status < 1000 && stderr.length < 2_000_000);
          return "answered";
        },
        (error: unknown) => {
          assert.ok(error instanceof ShellFailure, String(error));
          assert.ok(error.stderr.length < 2_000_000, `${error.stderr.length} characters`);
          return error.kind;
        },
      ),
    );
  }
  shell.close();
  return {
    seed,
    kind: `${kind}, ${errorKind}`,
    seconds: (performance.now() - started) / 1000,
    outcome: outcomes.join(", "),
  };
}
