import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { describe, it } from "mocha";
import { RecordingLog } from "../../tests/support/recording-log";
import { operationContext } from "./context";

describe("operation context", () => {
  it("makes a silent context that is never cancelled when no engine is given", () => {
    const context = operationContext();
    context.log.info("nothing");
    context.log.warn("nothing");
    context.log.debug("nothing");
    context.log.status("nothing");
    assert.equal(context.signal.aborted, false);
  });

  it("uses the given log and signal, to which any number of requests can listen", async () => {
    const warnings: Error[] = [];
    const listener = (warning: Error) => warnings.push(warning);
    process.on("warning", listener);
    const { signal } = new AbortController();
    const log = new RecordingLog();
    const context = operationContext({ signal, log });
    assert.equal(context.signal, signal);
    assert.equal(context.log, log);
    for (let index = 0; index < 50; index += 1) signal.addEventListener("abort", () => index);
    await turn();
    process.off("warning", listener);
    assert.deepEqual(warnings, []);
  });
});
