import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import fc from "fast-check";
import { quoteWord } from "../../../core/shell-word";
import { applyScript, parseApplyOutput } from "./apply-script";
import type { Step } from "./shell-text";
import { commandText } from "./shell-text";

describe("the apply script in a real shell", () => {
  const protection = { token: "0123456789ab", windowSeconds: 2 };
  let folder = "";
  let journal = "";

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "apply-"));
    journal = join(folder, "journal");
    writeFileSync(journal, "");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** A step that writes down what it does; `failing` makes the change or its undoing fail with a message. */
  function step(title: string, failing: { run?: string; undo?: string } = {}): Step {
    const text = (word: string, message: string | undefined) =>
      message === undefined ? `echo ${word} >>${journal}` : `echo ${quoteWord(message)} >&2; false`;
    return { title, run: text(`do-${title}`, failing.run), undo: text(`undo-${title}`, failing.undo) };
  }

  function run(steps: readonly Step[], shell = "sh") {
    const output = runText(`(\n${applyScript(steps, protection, "echo before", "echo read-back")}\n)\n`, shell);
    const done = readFileSync(journal, "utf8").trim().split("\n");
    return { outcome: parseApplyOutput(output, steps), done, output };
  }

  const runText = (text: string, shell: string) =>
    spawnSync(shell, ["-s"], { input: `sps_notes=${folder}/notes\n${text}`, encoding: "utf8" });

  for (const shell of ["dash", "bash"]) {
    it(`applies all steps in order, then reads the router back (${shell})`, () => {
      const { outcome, done, output } = run([step("a"), step("b"), step("c")], shell);
      assert.deepEqual(outcome, { kind: "applied" });
      assert.deepEqual(done, ["do-a", "do-b", "do-c"]);
      assert.match(output.stdout, /read-back\n$/);
    });

    it(`undoes only the steps before the failed one, in reverse order (${shell})`, () => {
      const steps = [step("a"), step("b"), step("c", { run: "RTNETLINK answers: File exists" }), step("d")];
      const { outcome, done, output } = run(steps, shell);
      assert.deepEqual(outcome, {
        kind: "failed",
        step: "c",
        message: "RTNETLINK answers: File exists",
        isUndone: true,
      });
      assert.deepEqual(done, ["do-a", "do-b", "undo-b", "undo-a"]);
      assert.doesNotMatch(output.stdout, /read-back/);
    });
  }

  for (const shell of ["dash", "bash"]) {
    for (const [timer, starts] of [
      ["before its timer starts", ""],
      ["while its timer starts", 'command setsid "$@"'],
    ] as const) {
      it(`leaves nothing to roll back when its shell is killed ${timer} (${shell})`, async () => {
        const files = join(folder, `notes/commit.${protection.token}`);
        const killer = `setsid() { kill -9 $$; ${starts}\n}`;
        const { signal } = runText(`${killer}\n${applyScript([step("a")], protection, "", "")}`, shell);
        assert.deepEqual([signal, readFileSync(journal, "utf8")], ["SIGKILL", ""]);
        assert.ok(!existsSync(join(files, "undo")), "it waits for no rollback");
        // The timer counts whole seconds.
        if (starts !== "") for (let looks = 0; looks < 100 && existsSync(files); looks += 1) await pause(50);
        assert.equal(existsSync(files), starts === "");
      });
    }
  }

  it("continues the undo after a step that cannot be undone, and reports the failure", () => {
    const { outcome, done } = run([step("a"), step("b", { undo: "gone" }), step("c", { run: "no\n  luck" })]);
    assert.deepEqual(outcome, { kind: "failed", step: "c", message: "no,   luck", isUndone: false });
    assert.deepEqual(done, ["do-a", "do-b", "undo-a"]);
  });

  it("reports a truncated answer as unclear", () => {
    const steps = [step("a"), step("b")];
    assert.deepEqual(parseApplyOutput({ stdout: "", stderr: "\n@@apply step 1\n" }, steps), { kind: "unclear" });
  });

  it("reports a failure as not undone when the undo line of the answer is missing", () => {
    const steps = [step("a"), step("b")];
    const outcome = parseApplyOutput({ stdout: "\n@@apply failed 2\n", stderr: "" }, steps);
    assert.deepEqual(outcome, { kind: "failed", step: "b", message: "no reason given", isUndone: false });
  });
});

describe("the shell text helpers", () => {
  it("passes every word and every input line to the command unchanged", () => {
    const word = fc.string({ unit: fc.constantFrom(..."ab '\"$`\\!*;&|<>(){}#~=-\t\n".split("")), maxLength: 12 });
    const line = fc.string({ unit: fc.constantFrom(..."ab '\"$`\\!*;&|<>(){}#~=-\t".split("")), maxLength: 12 });
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), fc.array(line, { maxLength: 4 }), (words, input) => {
        const command = { words: ["sh", "-c", 'printf "%s\\0" "$@"; cat', "sh", ...words], input };
        const output = execFileSync("sh", ["-s"], { input: commandText(command), encoding: "utf8" });
        const expected = [...words.map((one) => `${one}\0`), ...input.map((one) => `${one}\n`)].join("");
        assert.equal(output, expected);
      }),
      { numRuns: 60 },
    );
  });

  it("refuses input that could end the here document early", () => {
    assert.throws(() => commandText({ words: ["cat"], input: ["SPS-END-OF-INPUT"] }), /end mark/);
    assert.throws(() => commandText({ words: ["cat"], input: ["a\nb"] }), /line break/);
  });
});
