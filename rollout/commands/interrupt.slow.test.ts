import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, it } from "mocha";
import { FakePulumi } from "../testing/fake-pulumi";

/** As a URL, because the command runs in a folder without packages. */
const TSX = pathToFileURL(require.resolve("tsx")).href;
const CLI = join(__dirname, "../cli.ts");

/* The Pulumi CLI is a shell script here; that the real one gets no signal follows from its session alone. */
describe("a rollout that is interrupted", function () {
  this.timeout(600_000);
  let cli: FakePulumi;
  let output = "";
  const children: ChildProcess[] = [];

  afterEach(() => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
    write("go");
    cli.close();
  });

  /** Starts a command as a shell does: in a process group that the terminal signals as a whole. */
  function rollout(...args: string[]): ChildProcess {
    const program = ["--import", TSX, CLI, ...args];
    const child = spawn(process.execPath, program, {
      cwd: cli.folder,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    children.push(child);
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (text) => {
        output += text;
      });
    return child;
  }

  const ended = (child: ChildProcess) => new Promise<number | null>((resolve) => child.once("close", resolve));
  const lines = (file: string) => {
    const path = join(cli.folder, file);
    return existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : [];
  };

  async function until(isReached: () => boolean): Promise<void> {
    while (!isReached()) {
      assert.ok(children.at(-1)?.exitCode === null, output);
      await pause(20);
    }
  }

  const write = (file: string, text = "") => writeFileSync(join(cli.folder, file), text);

  /** Signals a command as Ctrl-C does. */
  function interrupt({ pid }: ChildProcess): void {
    assert.ok(pid);
    process.kill(-pid, "SIGINT");
  }

  // Two sites whose changes last until the test lets them go on.
  beforeEach(() => {
    cli = new FakePulumi({
      stack: 'case "$2" in output) echo "{}";; history) echo "[]";; esac',
      up: "trap 'echo INT >> signals' INT\necho x >> begun\nwhile [ ! -e go ]; do sleep 0.1; done\necho x >> finished",
    });
    mkdirSync(join(cli.folder, "site"));
    write("site/Pulumi.yaml", "name: p\nruntime: yaml\n");
    const sites = ["oslo", "rome"].map((name) => `  - { name: ${name}, spp: 10.0.0.5 }\n`);
    write("rollout.yaml", `name: r\nprogram: ./site\nsites:\n${sites.join("")}`);
  });

  it("finishes the change in work after Ctrl-C, and leaves it to Pulumi after a second one", async () => {
    const first = rollout("start");
    await until(() => lines("begun").length === 1);
    interrupt(first);
    await until(() => /waiting for 1 site in work: oslo/.test(output));
    write("go");
    assert.equal(await ended(first), 4, output);
    assert.deepEqual([lines("begun").length, lines("finished").length], [1, 1]);

    rmSync(join(cli.folder, "go"));
    const second = rollout("resume");
    await until(() => lines("begun").length === 2);
    interrupt(second);
    await until(() => /waiting for 1 site in work: rome/.test(output));
    interrupt(second);
    assert.equal(await ended(second), null);
    const last = rollout("resume");
    if (process.platform === "linux") {
      await until(() => /rome: waiting for Pulumi process \d+ of an earlier run/.test(output));
      assert.deepEqual([lines("begun").length, lines("finished").length], [2, 1], "it waits for the second");
    }
    write("go");
    assert.equal(await ended(last), 0, output);
    // The change of rome is repeated, because nobody recorded its end; Pulumi finds nothing to do then.
    assert.deepEqual([lines("begun").length, lines("finished").length, lines("signals")], [3, 3, []]);
    assert.match(output, /oslo: change done \(\d+ s\)/);
    assert.match(output, /rollout r\.1: done, 2 of 2 sites done/);
  });

  it("by an approval that is awaited goes on with the id that was shown, and asks again when the program has changed", async () => {
    write("go");
    write(
      "rollout.yaml",
      "name: r\nprogram: ./site\nsites: [{ name: oslo, spp: 10.0.0.5 }]\nwaves: [{ rest: true, approval: true }]\n",
    );
    assert.equal(await ended(rollout("start", "--exit-when-held")), 2, output);
    const [, id = ""] = /waiting for approval of wave wave-1; run: rollout approve ([0-9a-f]{8}) /.exec(output) ?? [];
    write("site/program.txt", "changed");
    const approve = (seen: string) => ended(rollout("approve", seen, "--reason", "looked at it"));
    assert.equal(await approve("00000000"), 4);
    assert.match(output, /approve: something else waits for approval; run status to see it, and approve its id/);
    // No worker runs, so that the approval waits for the next one.
    assert.equal(await approve(id), 0, output);
    assert.equal(await ended(rollout("resume", "--exit-when-held")), 2, output);
    const changed = /because program or definition changed to [0-9a-f]{16}; run: rollout approve ([0-9a-f]{8}) /;
    const [, other = ""] = changed.exec(output) ?? assert.fail(output);
    assert.deepEqual([other === id, lines("begun")], [false, []]);
  });
});
