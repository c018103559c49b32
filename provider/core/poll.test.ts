import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import fc from "fast-check";
import { describe, it } from "mocha";
import { RecordingLog } from "../../tests/support/recording-log";
import { operationContext } from "./context";
import { type PollOptions, poll, type Reading } from "./poll";

const OPTIONS: PollOptions = {
  object: "sps 10.0.0.1",
  awaiting: "the Central Management role",
  limitSeconds: 5,
  firstMilliseconds: 1,
  maximumMilliseconds: 2,
  remedy: "check the node",
  code: "SG1207",
};

describe("polling", () => {
  it("polls immediately, repeats, and returns the first success", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 6 }), async (needed) => {
        let looks = 0;
        const found = await poll(operationContext(), OPTIONS, async (): Promise<Reading<string>> => {
          looks += 1;
          return looks === needed ? { done: `look ${looks}` } : { seen: "not yet" };
        });
        assert.equal(found, `look ${needed}`);
        assert.equal(looks, needed);
      }),
      { numRuns: 10 },
    );
  });

  it("fails a poll at its time limit with the awaited and the last seen state", async () => {
    const started = Date.now();
    let looks = 0;
    const wait = poll(operationContext(), { ...OPTIONS, limitSeconds: 0.05 }, async () => {
      looks += 1;
      return { seen: `roles: ${looks}` };
    });
    await assert.rejects(wait, (error: Error) => {
      assert.match(
        error.message,
        /^sps 10\.0\.0\.1: wait for the Central Management role: not reached within 0\.05 s \(last seen: roles: \d+\); check the node \[SG1207\]$/,
      );
      assert.ok(error.message.includes(`roles: ${looks})`), "the last look is the one reported");
      return true;
    });
    const elapsed = Date.now() - started;
    assert.ok(elapsed >= 50, `ended after ${elapsed} ms`);
    assert.ok(looks >= 3, `${looks} looks`);
  });

  it("polls once more at the time limit, even when the pauses are longer", async () => {
    const times: number[] = [];
    const started = Date.now();
    const options = { ...OPTIONS, limitSeconds: 0.05, firstMilliseconds: 60_000, maximumMilliseconds: 60_000 };
    const wait = poll(operationContext(), options, async () => {
      times.push(Date.now() - started);
      return { seen: "not yet" };
    });
    await assert.rejects(wait, { code: "SG1207" });
    assert.ok(times.length >= 2 && times.length <= 3, `${times.length} looks`);
    assert.ok((times.at(-1) ?? 0) >= 49, `last look after ${times.at(-1)} ms`);
  });

  it("lengthens each pause of a poll up to the maximum", async () => {
    const times: number[] = [];
    await poll(
      operationContext(),
      { ...OPTIONS, firstMilliseconds: 20, maximumMilliseconds: 60 },
      async (): Promise<Reading<number>> => {
        times.push(performance.now());
        return times.length === 7 ? { done: 7 } : { seen: "not yet" };
      },
    );
    const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    const least = [20, 30, 45, 60, 60, 60];
    pauses.forEach((length, index) => {
      assert.ok(length >= (least[index] ?? 0) - 2, `pause ${index} was ${length} ms`);
    });
  });

  it("stops polling immediately when the operation is cancelled during a pause", async () => {
    const controller = new AbortController();
    const options = { ...OPTIONS, limitSeconds: 60, firstMilliseconds: 60_000, maximumMilliseconds: 60_000 };
    let looks = 0;
    const wait = poll(operationContext({ signal: controller.signal }), options, async () => {
      looks += 1;
      return { seen: "not yet" };
    });
    await pause(5);
    const cancelled = Date.now();
    controller.abort();
    await assert.rejects(wait, { name: "AbortError" });
    assert.ok(Date.now() - cancelled < 1000);
    assert.equal(looks, 1);
  });

  it("does not poll when the operation is already cancelled", async () => {
    const context = operationContext({ signal: AbortSignal.abort() });
    await assert.rejects(
      poll(context, OPTIONS, async () => assert.fail("looked")),
      { name: "AbortError" },
    );
  });

  it("fails a poll with the error that its read throws", async () => {
    let looks = 0;
    const wait = poll(operationContext(), OPTIONS, async () => {
      looks += 1;
      throw new Error("broken");
    });
    await assert.rejects(wait, { message: "broken" });
    assert.equal(looks, 1);
  });

  it("reports each polled state once, with the awaited state and the elapsed time", async () => {
    const log = new RecordingLog();
    const seen = ["pending", "pending", "outdated"];
    await poll(operationContext({ log }), OPTIONS, async (): Promise<Reading<boolean>> => {
      const state = seen.shift();
      return state === undefined ? { done: true } : { seen: state };
    });
    assert.deepEqual(log.lines, [
      { level: "status", message: "sps 10.0.0.1: waiting for the Central Management role: pending (0 s of 5 s)" },
      { level: "status", message: "sps 10.0.0.1: waiting for the Central Management role: outdated (0 s of 5 s)" },
    ]);
  });

  it("repeats a state that stays at growing intervals of at most a minute", async () => {
    const log = new RecordingLog();
    let clock = 0;
    const now = async () => {
      clock += 5000;
      return clock;
    };
    const options = { ...OPTIONS, limitSeconds: 300, now, firstMilliseconds: 1, maximumMilliseconds: 1 };
    await assert.rejects(poll(operationContext({ log }), options, async () => ({ seen: "pending" })));
    const times = log.lines.map(({ message }) => Number(/\((\d+) s of/.exec(message)?.[1]));
    assert.deepEqual(times, [5, 15, 35, 75, 135, 195, 255]);
  });
});
