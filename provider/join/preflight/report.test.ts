import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, it } from "mocha";
import { baseFacts, rowOf } from "../../../benchmarks/preflight/base-facts";
import type { SessionModule } from "../../spp/session-modules";
import { type Check, fail, listed, notChecked, pass, spanText, warn } from "./check";
import { CHECKS, notesOf } from "./checks";
import { failures, lines, type PreflightReport, runChecks } from "./report";

function check(id: string, title: string, run: Check["run"]): Check {
  return { id, title, source: "a guide", run };
}

const checks = [
  check("a", "first", () => pass("good")),
  check("b", "the second one", () => warn("so so", "check it", "spp.address")),
  check("c", "third", () => fail("SG2007", "a replica", "spp.address", "take the primary")),
  check("d", "fourth", () => notChecked("created in this update")),
  check("e", "fifth", () => fail("SG2210", "versions differ", undefined, "upgrade SPS first")),
];

function reportOf(given: readonly Check[]): PreflightReport {
  return {
    ok: false,
    isComplete: true,
    checks: runChecks(given, baseFacts()),
    consequences: { openRequests: 0, overwrites: [], isRejoinDue: false, unread: [] },
    notes: [{ id: "n", title: "a note", source: "a guide", text: "only SPS\r\ncan try" }],
    milliseconds: 412,
  };
}

describe("report of a preflight", () => {
  it("shows failures, warnings, skipped checks, notes and totals in this order", () => {
    assert.deepEqual(lines(reportOf(checks)), [
      "FAIL         third           a replica; take the primary [SG2007]",
      "FAIL         fifth           versions differ; upgrade SPS first [SG2210]",
      "warn         the second one  so so; check it",
      "not checked  fourth          created in this update",
      "pass         first           good",
      "note         a note          only SPS can try",
      "preflight: 1 pass, 1 warn, 2 fail, 1 not checked (0.4 s)",
    ]);
  });

  it("groups three or more checks that were skipped for the same reason", () => {
    const later = (title: string) => check(title, title, () => notChecked("created in this update"));
    const late = (title: string) => check(title, title, () => notChecked("time was up"));
    const given = [
      later("one"),
      late("four"),
      later("two"),
      check("five", "five", () => pass("good")),
      later("three"),
      late("six"),
    ];
    assert.deepEqual(lines(reportOf(given)), [
      "not checked  3 checks  created in this update: one, two, three",
      "not checked  four      time was up",
      "not checked  six       time was up",
      "pass         five      good",
      "note         a note    only SPS can try",
      "preflight: 1 pass, 0 warn, 0 fail, 5 not checked (0.4 s)",
    ]);
  });

  it("starts each failure with the property that causes it", () => {
    assert.deepEqual(failures(reportOf(checks)), [
      {
        path: "spp.address",
        reason: 'spp.address: check "third": a replica; take the primary [SG2007]',
        code: "SG2007",
      },
      { path: "", reason: 'preflight: check "fifth": versions differ; upgrade SPS first [SG2210]', code: "SG2210" },
    ]);
  });

  it("shows control characters as escapes, and no line breaks", () => {
    const [shown] = runChecks([check("x", "x", () => warn("a\u001b[31mb\r\nc\u0007", "d\ne"))], baseFacts());
    assert.equal(shown?.text, "a\\u001b[31mb c\\u0007");
    assert.equal(shown?.remedy, "d e");
  });

  it("holds all members that JSON readers need, and none without a value", () => {
    assert.deepEqual(runChecks(checks.slice(0, 3), baseFacts()), [
      { id: "a", title: "first", status: "pass", text: "good", source: "a guide" },
      {
        ...{ id: "b", title: "the second one", status: "warn", text: "so so" },
        ...{ remedy: "check it", path: "spp.address", source: "a guide" },
      },
      {
        ...{ id: "c", title: "third", status: "fail", text: "a replica", remedy: "take the primary" },
        ...{ path: "spp.address", code: "SG2007", source: "a guide" },
      },
    ]);
  });

  it("lowers failures of the join request to warnings once SPP has an entry of the node", () => {
    const given = [
      { ...check("a", "a", () => fail("SG2210", "x", undefined, "y")), isForRequest: true },
      check("b", "b", () => fail("SG2210", "x", undefined, "y")),
    ];
    const statuses = (...rows: SessionModule[]) =>
      runChecks(given, baseFacts({ spp: { modules: { value: rows } } })).map(({ status }) => status);
    assert.deepEqual(statuses(), ["fail", "fail"]);
    assert.deepEqual(statuses(rowOf({ isConnected: false })), ["fail", "fail"]);
    assert.deepEqual(statuses(rowOf({ isTrusted: false })), ["warn", "fail"]);
    assert.deepEqual(statuses(rowOf()), ["warn", "fail"]);
    const kept = CHECKS.filter(({ isForRequest }) => !isForRequest).map(({ id }) => id);
    assert.deepEqual(kept, [
      ...["sps-reachable", "sps-certificate", "sps-is-sps", "sps-login", "sps-central-management", "sps-cluster-id"],
      ...["spp-reachable", "spp-certificate", "spp-is-spp", "spp-login", "spp-permissions"],
      ...["spp-online", "spp-primary", "spp-access-requests", "join-state"],
    ]);
  });

  it("matches the documentation: one row for each check and note", () => {
    const text = readFileSync(resolve(__dirname, "../../../docs/preflight.md"), "utf8");
    const rows = [...text.matchAll(/^\| `([a-z0-9-]+)` \|/gm)].map(([, id]) => id);
    assert.deepEqual(
      rows,
      [...CHECKS, ...notesOf(baseFacts())].map(({ id }) => id),
    );
  });

  it("has 29 checks with unique ids, each with a title and a source", () => {
    assert.equal(CHECKS.length, 29);
    assert.equal(new Set(CHECKS.map(({ id }) => id)).size, 29);
    assert.equal(new Set(CHECKS.map(({ title }) => title)).size, 29);
    for (const { title, source } of CHECKS) assert(title !== "" && /^(SPS|SPP|Safeguard) .+: /.test(source));
  });
});

describe("texts of the checks", () => {
  it("writes durations in a readable unit", () => {
    const spans = [-5_000, 0, 45_400, 119_000, 240_000, 7_100_000, 86_400_000, 30 * 86_400_000].map(spanText);
    assert.deepEqual(spans, ["0 s", "0 s", "45 s", "119 s", "4 min", "118 min", "24 h", "30 days"]);
  });

  it("lists the first names and counts the rest", () => {
    assert.equal(listed([]), "");
    assert.equal(listed(["a", "b"]), "a, b");
    assert.equal(listed(["a", "b", "c", "d"], 2), "a, b and 2 more");
  });
});
