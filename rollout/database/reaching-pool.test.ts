import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { describe, it } from "mocha";
import { ConnectionLost, ReachingPool } from "./reaching-pool";

/** A connection that breaks while its query waits, and says so as the driver does: by an event, not by the answer of the query. */
function breaking(): EventEmitter {
  const client = new EventEmitter();
  const broken = Object.assign(new Error("write EPIPE"), { code: "EPIPE", syscall: "write", errno: -32 });
  return Object.assign(client, { query: () => void setImmediate(() => client.emit("error", broken)), release() {} });
}

describe("a pool whose connection breaks while a query waits", () => {
  it("reports a fault that the workflow engine repeats, in every form of the call", async () => {
    const pool = new ReachingPool({}, { server: "127.0.0.1:5432", connectMs: 1000 });
    Object.assign(pool, { connect: (done: (...given: unknown[]) => void) => done(undefined, breaking(), () => {}) });
    const isLost = (error: unknown) => error instanceof ConnectionLost && error.code === "ECONNRESET";
    await assert.rejects(pool.query("SELECT 1"), isLost);
    const error = await new Promise((resolve) => pool.query("SELECT 1", [], resolve));
    assert.ok(isLost(error), String(error));
    await pool.end();
  });
});
