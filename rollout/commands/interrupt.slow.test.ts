import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, it } from "mocha";
import { FakePulumi } from "../testing/fake-pulumi";

/** As a URL, because the command runs in a folder without packages. */
const TSX = pathToFileURL(require.resolve("tsx")).href;
const CLI = join(__dirname, "../cli.ts");

const JOIN = { op: "create", urn: "urn:pulumi:oslo::p::a:b:SppJoin::oslo-join", type: "a:b:SppJoin" };
/** A preview that finds one resource to create. */
const EVENTS = `while [ "$1" != --event-log ]; do shift; done
echo '${JSON.stringify({ sequence: 1, timestamp: 1, resourcePreEvent: { metadata: JOIN } })}' >> "$2"`;

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

  // Two sites whose changes print until the test lets them go on. Each has a provider that outlives its CLI for as long as the test wants.
  beforeEach(() => {
    cli = new FakePulumi({
      up: `trap 'echo INT >> signals' INT
echo x >> begun
./pulumi-resource-x > /dev/null 2>&1 &
while [ ! -e go ]; do echo working; echo working >&2; sleep 0.1; done
echo x >> finished`,
    });
    write("pulumi-resource-x", "#!/bin/sh\nwhile [ ! -e go ] || [ -e provider ]; do sleep 0.1; done\n");
    chmodSync(join(cli.folder, "pulumi-resource-x"), 0o755);
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
      await until(() => /rome: waiting for Pulumi process \d+ \(\S+\) of an earlier run/.test(output));
      assert.deepEqual([lines("begun").length, lines("finished").length], [2, 1], "it waits for the second");
    }
    // It has printed all the time since its worker was killed.
    await pause(1000);
    write("provider");
    write("go");
    if (process.platform === "linux") {
      await until(() => lines("finished").length === 2);
      const [, other] =
        /rome: waiting for Pulumi process (\d+) \(\S+\) of an earlier run on \S+\n(?!.*rome: change)/s.exec(output) ??
        [];
      await until(() => output.split("rome: waiting for Pulumi process").length === 3);
      assert.deepEqual([lines("begun").length, other === undefined], [2, false], "it waits for the provider too");
    }
    rmSync(join(cli.folder, "provider"));
    assert.equal(await ended(last), 0, output);
    // The change of rome is repeated, because nobody recorded its end; Pulumi finds nothing to do then.
    assert.deepEqual([lines("begun").length, lines("finished").length, lines("signals")], [3, 3, []]);
    assert.match(output, /oslo: change done \(\d+ s\)/);
    assert.match(output, /rollout r\.1: done, 2 of 2 sites done/);
  });

  it("by an approval that is awaited goes on with the id that was shown, and asks again when the program has changed", async () => {
    write("go");
    cli.close();
    cli = new FakePulumi({ preview: EVENTS });
    mkdirSync(join(cli.folder, "site"));
    write("site/Pulumi.yaml", "name: p\nruntime: yaml\n");
    write(
      "rollout.yaml",
      "name: r\nprogram: ./site\nsites: [{ name: oslo, spp: 10.0.0.5 }]\nwaves: [{ rest: true, approval: true }]\n",
    );
    assert.equal(await ended(rollout("start", "--exit-when-held")), 2, output);
    const [, id = ""] = /waiting for approval of wave wave-1; run: rollout approve ([0-9a-f]{8}) /.exec(output) ?? [];
    assert.match(output, /--reason TEXT\n {2}1 site: oslo\n {4}create SppJoin SITE-join\n/);
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

describe("a preview of all sites that is interrupted", function () {
  this.timeout(120_000);
  for (const kind of ["preview", "refresh"])
    it(`ends the CLIs of rollout ${kind}, also when only the command is signalled`, async () => {
      const cli = new FakePulumi({
        [kind]: "echo $$ >> pids; trap 'echo INT >> signals; exit 255' INT; while :; do sleep 0.1; done",
      });
      try {
        mkdirSync(join(cli.folder, "site"));
        writeFileSync(join(cli.folder, "site/Pulumi.yaml"), "name: p\nruntime: yaml\n");
        const sites = ["oslo", "rome"].map((name) => `  - { name: ${name}, spp: 10.0.0.5 }\n`);
        writeFileSync(join(cli.folder, "rollout.yaml"), `name: r\nprogram: ./site\nsites:\n${sites.join("")}`);
        const child = spawn(process.execPath, ["--import", TSX, CLI, kind], { cwd: cli.folder, stdio: "ignore" });
        const pids = join(cli.folder, "pids");
        const started = () => (existsSync(pids) ? readFileSync(pids, "utf8").trim().split("\n").map(Number) : []);
        while (started().length < 2) {
          assert.equal(child.exitCode, null);
          await pause(20);
        }
        const end = new Promise((resolve) => child.once("close", resolve));
        child.kill("SIGTERM");
        assert.equal(await end, 4);
        for (const pid of started()) assert.throws(() => process.kill(pid, 0), { code: "ESRCH" });
        assert.deepEqual(readFileSync(join(cli.folder, "signals"), "utf8"), "INT\nINT\n");
      } finally {
        cli.close();
      }
    });
});
