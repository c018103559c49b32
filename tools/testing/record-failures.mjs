import { subscribe } from "node:diagnostics_channel";
import fs from "node:fs";
import process from "node:process";
import { normalized, recordingVariable } from "./error-examples.mjs";

/*
 * Preloaded into each mocha process: records the failures that the code under test constructs, once each, one JSON text
 * a line, into the file that the environment names.
 */

/** Frames that only pass a failure on: constructors, and helpers that compose its line. */
const PASSES_ON = /^at (?:new |.*\/(?:core\/errors|join\/preflight\/report\.ts))/;

const file = process.env[recordingVariable];
if (file) {
  /** @type {Set<string>} */
  const recorded = new Set();
  subscribe("pulumi-safeguard:failure", (message) => {
    if (isOfTest(new Error("where").stack ?? "")) return;
    const { code, line } = /** @type {{code: string, line: string}} */ (message);
    recorded.add(JSON.stringify({ code, line: normalized(line) }));
  });
  process.on("exit", () => fs.writeFileSync(file, [...recorded, ""].join("\n")));
}

/**
 * Tells whether a test made the failure itself, which proves nothing of the code.
 *
 * @param {string} stack
 */
function isOfTest(stack) {
  const frames = stack
    .split("\n")
    .map((frame) => frame.trim())
    .filter((frame) => frame.includes("/provider/") || frame.includes("/tests/") || frame.includes("/benchmarks/"));
  return frames.find((frame) => !PASSES_ON.test(frame))?.includes(".test.ts") === true;
}
