import { subscribe } from "node:diagnostics_channel";
import fs from "node:fs";
import process from "node:process";
import { normalized, recordingVariable } from "./error-examples.mjs";

/*
 * Preloaded into each mocha process: records the failures that the code under test constructs, once each, one JSON text
 * a line, into the file that the environment names.
 */

/** Stack frames to skip: constructors, and helpers that compose the message. */
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
  process.on("exit", () => fs.appendFileSync(file, [...recorded, ""].join("\n")));
}

/**
 * Whether a test created the failure itself, which proves nothing about the code.
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
