import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import fc from "fast-check";
import { describe, it } from "mocha";
import { exclusively } from "./lock";

describe("appliance lock", () => {
  it("runs work under one key one at a time, in order of arrival", async () => {
    const durations = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 2, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(durations, async (milliseconds) => {
        const order: string[] = [];
        let running = 0;
        const work = milliseconds.map((duration, index) =>
          exclusively("sps 10.0.0.1", async () => {
            running += 1;
            assert.equal(running, 1);
            order.push(`begin ${index}`);
            await pause(duration);
            order.push(`end ${index}`);
            running -= 1;
            return index;
          }),
        );
        assert.deepEqual(
          await Promise.all(work),
          milliseconds.map((_, index) => index),
        );
        assert.deepEqual(
          order,
          milliseconds.flatMap((_, index) => [`begin ${index}`, `end ${index}`]),
        );
      }),
      { numRuns: 20 },
    );
  });

  it("runs work under different keys concurrently", async () => {
    const order: string[] = [];
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const first = exclusively("one", async () => {
      await released;
      order.push("one");
    });
    await exclusively("other", async () => order.push("other"));
    release();
    await first;
    assert.deepEqual(order, ["other", "one"]);
  });

  it("releases the lock when the work fails, and only its caller sees the failure", async () => {
    const failure = exclusively("key", async () => {
      throw new Error("failed");
    });
    const next = exclusively("key", async () => "next");
    await assert.rejects(failure, { message: "failed" });
    assert.equal(await next, "next");
    assert.equal(await exclusively("key", async () => "later"), "later");
  });

  it("releases the lock when the work throws synchronously", async () => {
    const thrown = exclusively("key", () => {
      throw new Error("thrown");
    });
    await assert.rejects(thrown, { message: "thrown" });
    assert.equal(await exclusively("key", async () => "later"), "later");
  });

  it("forgets keys that are no longer in use", async () => {
    const heldKeys: { size: number }[] = [];
    const set = Map.prototype.set;
    Map.prototype.set = function (key, value) {
      if (key === "leak") heldKeys.push(this);
      return set.call(this, key, value);
    };
    try {
      await Promise.all([exclusively("leak", async () => 1), exclusively("leak", async () => 2)]);
      await exclusively("leak", () => Promise.reject(new Error("failed"))).catch(() => undefined);
    } finally {
      Map.prototype.set = set;
    }
    assert.equal(heldKeys.length, 3);
    assert.equal((heldKeys[0] as Map<string, unknown>).has("leak"), false);
  });
});
