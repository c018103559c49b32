import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { screenText, withoutEcho } from "./screen-text";
import { RemoteTerminal, TerminalFailure } from "./terminal";

const PROMPT = /(?:^|\n)edge-1(?:\([a-z-]+\))?[>#]$/;
const NOISE = /^\*?[A-Z][a-z]{2} +\d+ .*%[A-Z]+-\d-[A-Z_]+:.*\n?/gm;

describe("a terminal", () => {
  const { signal } = new AbortController();
  const options = { limitSeconds: 2, signal };

  function start(noise?: RegExp) {
    const [stdin, stdout] = [new PassThrough(), new PassThrough()];
    const state = { isClosed: false };
    const close = () => {
      state.isClosed = true;
      stdout.destroy();
    };
    return { terminal: new RemoteTerminal({ stdin, stdout }, close, noise), stdin, stdout, state };
  }

  it("answers with the text before the prompt, however slowly it arrives", async () => {
    const { terminal, stdin, stdout } = start();
    terminal.send("show clock");
    const answer = terminal.expect(PROMPT, options);
    for (const character of "show clock\r\n10:00:00 UTC\r\nedge-1#") {
      stdout.write(character);
      await pause(1);
    }
    assert.deepEqual(await answer, { text: "show clock\n10:00:00 UTC", end: "\nedge-1#" });
    assert.equal(String(stdin.read()), "show clock\n");
  });

  it("takes the answers of lines that were sent together apart", async () => {
    const { terminal, stdin, stdout } = start(NOISE);
    const log = "*Jan  5 10:00:00.123: %SYS-5-CONFIG_I: Configured from console by admin on vty0\r\n";
    const prompt = /(?:^|\n)edge-1(?:\([a-z-]+\))?[>#]/;
    terminal.send("one", "two", "three");
    const answers = terminal.expectEach(prompt, 3, options);
    for (const piece of ["one\r\nedge-1#", "two\r\n% Bad mask\r\n", `${log}edge-1(config)#three`, "\r\nedge-1", "#"]) {
      stdout.write(piece);
      await pause(5);
    }
    assert.deepEqual(await answers, ["one", "two\n% Bad mask", "three"]);
    assert.equal(String(stdin.read()), "one\ntwo\nthree\n");
    terminal.send("four", "five");
    const late = terminal.expectEach(prompt, 2, { ...options, limitSeconds: 0.05 });
    stdout.write("four\r\nedge-1#five\r\n");
    await assert.rejects(late, { kind: "too-slow" });
  });

  it("ignores messages of the log before, within and after an answer", async () => {
    const { terminal, stdout } = start(NOISE);
    const log = "*Jan  5 10:00:00.123: %SYS-5-CONFIG_I: Configured from console by admin on vty0\r\n";
    stdout.write(`${log}one\r\n${log}two\r\nedge-1(config)#\r\n${log}`);
    assert.deepEqual(await terminal.expect(PROMPT, options), { text: "one\ntwo", end: "\nedge-1(config)#" });
  });

  it("takes a prompt within a text for its end only after silence", async () => {
    const { terminal, stdout } = start();
    stdout.write("banner\r\nedge-1#");
    const answer = terminal.expect(PROMPT, { ...options, silenceMilliseconds: 50 });
    await pause(10);
    stdout.write("\r\nmore\r\nedge-1#");
    assert.equal((await answer).text, "banner\nedge-1#\nmore");
  });

  it("fails when the terminal ends, is silent until the limit, or is cancelled", async () => {
    const ended = start();
    ended.stdout.end("% Authorization failed");
    await assert.rejects(ended.terminal.expect(PROMPT, options), (error: TerminalFailure) => {
      return error.kind === "ended" && error.output === "% Authorization failed";
    });
    const silent = start();
    silent.stdout.write("Translating…");
    await assert.rejects(silent.terminal.expect(PROMPT, { ...options, limitSeconds: 0.05 }), {
      kind: "too-slow",
      message: "the terminal did not answer in time",
    });
    const cancel = new AbortController();
    const waiting = start().terminal.expect(PROMPT, { ...options, signal: cancel.signal });
    cancel.abort(new Error("cancelled"));
    await assert.rejects(waiting, /^Error: cancelled$/);
  });

  it("closes a terminal that writes without end, and keeps little of it", async () => {
    const { terminal, stdout, state } = start();
    const failing = terminal.expect(PROMPT, { ...options, limitSeconds: 20 }).catch((error: unknown) => error);
    const piece = "x".repeat(1024 * 1024);
    for (let written = 0; written < 34 && !state.isClosed; written += 1) {
      stdout.write(piece);
      await pause(0);
    }
    const failure = await failing;
    assert.ok(failure instanceof TerminalFailure && failure.kind === "too-long" && failure.output.length <= 500);
    assert.equal(state.isClosed, true);
  });

  it("shows text without colours and erased characters", () => {
    assert.equal(
      screenText("\u001b[1;31mred\u001b[0m\u001b]0;title\u0007 --More-- \b\b\b\b\b\b\b\b\b\bx\r\r\ny\u0000"),
      "redx\ny",
    );
    assert.equal(screenText("a\n\bb"), "a\nb");
  });

  it("removes the echo of a command, also where the terminal wrapped it", () => {
    assert.equal(withoutEcho("show run\nend", "show run"), "end");
    assert.equal(withoutEcho("permit tcp any\n any eq 22\n% Error", "permit tcp any any eq 22"), "% Error");
    assert.equal(withoutEcho("% Error", "show run"), "% Error");
    assert.equal(withoutEcho("show run", "show run"), "");
  });
});
