import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { assignedOf, baseFacts, NOW } from "../../../benchmarks/preflight/base-facts";
import { reasonsOf } from "../../../benchmarks/preflight/run-cause";
import type { ErrorCode } from "../../core/errors";
import { CHECKS } from "./checks";
import { type PreflightReport, runChecks } from "./report";

type Changes = Parameters<typeof baseFacts>[0];

/** Facts that no lab shows. */
const FACTS: [name: string, code: ErrorCode, changes: Changes][] = [
  [
    "an unreadable certificate of SPP",
    "SG2207",
    { spp: { assigned: { value: () => assignedOf({ notAfter: undefined }) } } },
  ],
  [
    "an expired certificate of SPP",
    "SG2208",
    { spp: { assigned: { value: () => assignedOf({ notAfter: NOW - 1 }) } } },
  ],
  ["an SPP with an IPv6 address only", "SG2211", { spp: { resolved: { value: ["fd00::5"] } } }],
];

describe("reasons with which a preview refuses a join", () => {
  for (const [name, code, changes] of FACTS) {
    it(`refuses ${name} with code ${code}`, () => {
      const report = { checks: runChecks(CHECKS, baseFacts(changes)) } as PreflightReport;
      assert.ok(
        reasonsOf(report).some((reason) => reason.endsWith(` [${code}]`)),
        reasonsOf(report).join("\n"),
      );
    });
  }
});
