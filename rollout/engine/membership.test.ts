import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { Pool } from "pg";
import { keepAlive } from "./membership";

/** A database that answers the first requests and then none. */
function silentAfter(answers: number): Pool {
  let left = answers;
  const query = () => {
    left -= 1;
    return left >= 0 ? Promise.resolve({ rowCount: 1 }) : new Promise(() => {});
  };
  return { query } as unknown as Pool;
}

describe("a worker that says that it lives", () => {
  it("ends its work in time when the database leaves a request without an answer", async () => {
    const { signal } = new AbortController();
    const started = Date.now();
    await new Promise<void>((fenced) => void keepAlive(silentAfter(0), "w", signal, fenced, 150));
    const took = Date.now() - started;
    assert.ok(took >= 140 && took < 2000, `${took} ms`);
  });

  it("goes by the time that passes when the clock is set, and asks once more before it ends", async () => {
    const { now } = Date;
    const stopped = new AbortController();
    let fencedAt = 0;
    const started = performance.now();
    const fenced = () => {
      fencedAt = performance.now() - started;
    };
    try {
      // An hour back after it has asked: by that clock, no answer is missed for an hour.
      const silent = silentAfter(0);
      const { query } = silent;
      silent.query = ((...request: Parameters<typeof query>) => {
        Date.now = () => now() - 3_600_000;
        return query(...request);
      }) as typeof query;
      await keepAlive(silent, "w", stopped.signal, fenced, 150);
      assert.ok(fencedAt >= 140 && fencedAt < 20_000, `${fencedAt} ms`);
      Date.now = now;
      // An hour later after the first answer: the database is there.
      let asked = 0;
      const pool = {
        query: async () => {
          asked += 1;
          Date.now = () => now() + 3_600_000;
          if (asked === 2) stopped.abort();
          return { rowCount: 1 };
        },
      } as unknown as Pool;
      fencedAt = 0;
      await keepAlive(pool, "w", stopped.signal, fenced, 3000);
      assert.deepEqual([asked, fencedAt], [2, 0]);
    } finally {
      Date.now = now;
    }
  });

  it("ends its work when another worker has declared it dead", async () => {
    const pool = { query: async () => ({ rowCount: 0 }) } as unknown as Pool;
    await new Promise<void>((fenced) => void keepAlive(pool, "w", new AbortController().signal, fenced, 1000));
  });

  it("ends quietly when it is stopped while the database does not answer", async () => {
    const stopped = new AbortController();
    let isFenced = false;
    const ended = keepAlive(
      silentAfter(0),
      "w",
      stopped.signal,
      () => {
        isFenced = true;
      },
      1000,
    );
    stopped.abort();
    await ended;
    assert.equal(isFenced, false);
  });
});
