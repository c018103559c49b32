import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { RemoteShell, ShellFailure } from "./shell";

describe("a shell that reads scripts from its standard input", () => {
  const running: { shell: RemoteShell; child: ChildProcess }[] = [];
  const signal = new AbortController().signal;
  const options = { limitSeconds: 10, signal };

  function start(command: string, ...args: string[]): { shell: RemoteShell; child: ChildProcess } {
    const child = spawn(command, args);
    const shell = new RemoteShell(child, () => child.kill());
    running.push({ shell, child });
    return { shell, child };
  }

  afterEach(() => {
    for (const { shell } of running.splice(0)) shell.close();
  });

  for (const command of ["sh", "dash", "bash"]) {
    it(`returns output, errors and status of each script separately (${command})`, async () => {
      const { shell } = start(command, "-s");
      assert.deepEqual(await shell.run("printf one; printf bad >&2; exit 3", options), {
        status: 3,
        stdout: "one",
        stderr: "bad",
      });
      assert.deepEqual(await shell.run("echo two", options), { status: 0, stdout: "two\n", stderr: "" });
      assert.deepEqual(await shell.run(":", options), { status: 0, stdout: "", stderr: "" });
    });
  }

  it("drops the output of login files before the first script", async () => {
    const { shell } = start("sh", "-c", "echo Welcome to the router; echo maintenance tonight >&2; exec sh -s");
    assert.deepEqual(await shell.run("echo ok", options), { status: 0, stdout: "ok\n", stderr: "" });
  });

  it("keeps variables and open files only on request", async () => {
    const { shell } = start("sh", "-s");
    await shell.run("a=1", options);
    await shell.run("b=2", { ...options, keepsState: true });
    assert.equal((await shell.run('echo "[$a][$b]"', options)).stdout, "[][2]\n");
  });

  it("runs scripts that were sent at once in order, each with its own result", async () => {
    const { shell } = start("sh", "-s");
    const first = shell.run("sleep 0.2; echo one; alone=1", { ...options, keepsState: true });
    const second = shell.run('echo "two $alone"; exit 2', options);
    assert.equal((await second).stdout, "two 1\n");
    assert.deepEqual([(await first).stdout, (await second).status], ["one\n", 2]);
  });

  it("reports no result for a script after one without a result", async () => {
    const { shell } = start("sh", "-s");
    const first = shell.run("exit 1", { ...options, keepsState: true });
    const second = shell.run("echo never", options);
    await assert.rejects(first, { kind: "ended" });
    await assert.rejects(second, { kind: "ended" });
  });

  it("calls back once as soon as a text is written, while the script goes on", async () => {
    const { shell } = start("sh", "-s");
    const calls: number[] = [];
    const started = Date.now();
    const onOutput = { text: "\nchanged\n", run: () => void calls.push(Date.now() - started) };
    const { stdout } = await shell.run("echo; echo changed; sleep 0.5; echo; echo changed", {
      ...options,
      onOutput,
    });
    assert.equal(stdout, "\nchanged\n\nchanged\n");
    assert.equal(calls.length, 1);
    assert.ok(Date.now() - started - (calls[0] ?? 0) > 400);
  });

  it("passes here documents through unchanged", async () => {
    const { shell } = start("sh", "-s");
    const text = "a $HOME `id` \\ 'x' \"y\" )\n";
    assert.equal((await shell.run(`cat <<'END'\n${text}END`, options)).stdout, text);
  });

  it("carries a script and an answer of a megabyte", async () => {
    const { shell } = start("sh", "-s");
    const text = `${"x".repeat(99)}\n`.repeat(10_000);
    assert.equal((await shell.run(`cat <<'END'\n${text}END`, options)).stdout, text);
  });

  it("runs nothing of a script that arrived incomplete", async () => {
    const folder = mkdtempSync(join(tmpdir(), "shell-"));
    const { child } = start("sh", "-s");
    child.stdin?.end(`(\ntouch ${join(folder, "half")}\n`);
    await new Promise((resolve) => child.once("exit", resolve));
    assert.deepEqual(readdirSync(folder), []);
    rmSync(folder, { recursive: true });
  });

  it("reports that the shell ended, with its last errors", async () => {
    const { shell } = start("sh", "-c", "echo 'sudo: a password is required' >&2; exit 1");
    await assert.rejects(shell.run("echo never", options), (error) => {
      assert.ok(error instanceof ShellFailure);
      assert.equal(error.kind, "ended");
      assert.equal(error.stderr, "sudo: a password is required");
      return true;
    });
  });

  it("keeps beginning and end of a megabyte of errors, with a note", async () => {
    const { shell } = start("sh", "-s");
    const script = "echo first >&2; head -c 1000000 /dev/zero | tr '\\0' x >&2; echo last >&2; exit 2";
    const { status, stderr } = await shell.run(script, options);
    assert.equal(status, 2);
    assert.match(stderr, /^first\nx+\n… \([\d,]+ characters cut\)\nx+[\s\S]*last\n$/);
    assert.ok(stderr.length < 600_000, `${stderr.length} characters`);
  });

  for (const command of [
    "cat /dev/zero",
    "yes >&2",
    "while :; do printf '\\n%s 0\\n' @@; done",
    "yes $(echo @@ | tr -d x)",
  ]) {
    it(`ends a shell that never stops writing: ${command}`, async () => {
      const { shell, child } = start("sh", "-s");
      const ended = new Promise((resolve) => child.once("exit", resolve));
      const failure = await shell.run(command, { ...options, limitSeconds: 1 }).catch((error: unknown) => error);
      assert.ok(failure instanceof ShellFailure);
      assert.match(failure.message, /^the shell (wrote more than 32 MB|was too slow)$/);
      assert.ok(failure.stderr.length < 600_000);
      shell.close();
      await ended;
    });
  }

  it("ends a shell that floods its output before a script runs", async () => {
    const { shell, child } = start("sh", "-c", "cat /dev/zero");
    await new Promise((resolve) => child.once("exit", resolve));
    await assert.rejects(shell.run("echo never", options), { kind: "too-long" });
  });

  it("ends a script at the limit", async () => {
    const { shell } = start("sh", "-s");
    const started = Date.now();
    await assert.rejects(shell.run("sleep 5", { ...options, limitSeconds: 0.2 }), { kind: "too-slow" });
    assert.ok(Date.now() - started < 2000);
  });

  it("ends a script at once on cancel", async () => {
    const { shell } = start("sh", "-s");
    const abort = new AbortController();
    const answer = shell.run("sleep 5", { limitSeconds: 10, signal: abort.signal });
    await pause(100);
    abort.abort(new Error("cancelled by the user"));
    await assert.rejects(answer, /cancelled by the user/);
  });
});
