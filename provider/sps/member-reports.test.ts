import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import type { z } from "zod";
import type { SpsVariant } from "../../lab/sps/variant";
import { formatSyncStatus } from "../../lab/sps/web/cluster-status";
import type { SpsClient } from "./client";
import { isFresh, isInSync, type MemberReport, readMemberReports, syncProblem } from "./member-reports";

/** The Central Management node's own clock. */
const NOW = Date.parse("2026-01-20T09:00:40Z");

function answering(answer: unknown): SpsClient {
  return {
    get: async (_path: string, shape: z.ZodType) => shape.parse(answer),
    now: () => NOW,
  } as unknown as SpsClient;
}

describe("the spelling of synchronization states", () => {
  it("recognizes a synchronized member in all known words, separators and cases", () => {
    const separator = fc.constantFrom("-", "_", " ", "  ", "_ ");
    const letters = fc.constantFrom(
      (text: string) => text,
      (text: string) => text.toUpperCase(),
      (text: string) => text.replace(/\b./g, (letter) => letter.toUpperCase()),
    );
    fc.assert(
      fc.property(separator, separator, letters, (first, second, spell) => {
        assert.equal(isInSync(spell(`up${first}to${second}date`)), true);
        assert.equal(isInSync(spell(`not${first}fetched`)), false);
      }),
    );
    assert.equal(isInSync("UpToDate"), true);
  });

  it("treats any other synchronization state as out of sync", () => {
    for (const status of [
      "n/a",
      "pending",
      "outdated",
      "not-fetched",
      "unknown",
      "",
      "not-up-to-date",
      "up-to-date?",
    ]) {
      assert.equal(isInSync(status), false, status);
    }
    const text = fc.string().filter((status) => !/^up[\s_-]*to[\s_-]*date$/i.test(status));
    fc.assert(fc.property(text, (status) => assert.equal(isInSync(status), false)));
  });

  it("reads synchronization states in the format of every appliance version", () => {
    const spellings: SpsVariant["syncStatusSpelling"][] = ["kebab", "spaces", "upper-snake", "upper-kebab"];
    for (const spelling of spellings) {
      assert.equal(isInSync(formatSyncStatus(spelling, "up-to-date")), true, spelling);
      for (const status of ["n/a", "not-fetched", "pending", "outdated"] as const) {
        assert.equal(isInSync(formatSyncStatus(spelling, status)), false, `${spelling} ${status}`);
      }
    }
  });
});

describe("reports of cluster members", () => {
  it("reads member reports in the vendor's terms, with their age by the node's own clock", async () => {
    const items = [
      { key: "a", fqdn: "sps1", health_status: null, sync_status: "n/a", meta: {} },
      {
        ...{ key: "b", last_seen: "2026-01-20T09:00:30Z", health_status: { memory: 1 }, sync_status: "OUTDATED" },
        configuration_sync: { issues: { warnings: [{}], errors: [{}, {}] } },
      },
      { key: "c", last_seen: null, configuration_sync: null, sync_status: null },
      { key: "d", last_seen: "2026-01-20T09:00:50Z", configuration_sync: { issues: { warnings: [{}] } } },
    ];
    const none = { hostName: "", lastSeen: undefined, silentSeconds: undefined, isDown: false, errors: 0 };
    assert.deepEqual(await readMemberReports(answering({ items, meta: { self: "/x" } })), [
      { ...none, nodeId: "a", hostName: "sps1", status: "n/a", isDown: true },
      { ...none, nodeId: "b", status: "OUTDATED", lastSeen: "2026-01-20T09:00:30Z", silentSeconds: 10, errors: 2 },
      { ...none, nodeId: "c", status: "unknown" },
      { ...none, nodeId: "d", status: "unknown", lastSeen: "2026-01-20T09:00:50Z", silentSeconds: 0 },
    ]);
  });

  it("refuses member reports when one has no node id", async () => {
    await assert.rejects(readMemberReports(answering({ items: [{ fqdn: "sps1" }] })));
  });
});

describe("the synchronization problem of a member", () => {
  const inSync: MemberReport = {
    ...{ nodeId: "two", hostName: "sps2.lab.example", status: "UP_TO_DATE", errors: 0 },
    ...{ lastSeen: "2026-01-20T09:00:30Z", silentSeconds: 10, isDown: false },
  };

  it("finds no problem when the member reported in-sync within the last 60 seconds", () => {
    assert.equal(syncProblem(inSync), undefined);
    assert.equal(syncProblem({ ...inSync, silentSeconds: 60 }), undefined);
    assert.deepEqual(
      [60, 61, undefined].map((silentSeconds) => isFresh({ ...inSync, silentSeconds })),
      [true, false, false],
    );
  });

  it("finds no problem in a recent report without a health member", async () => {
    const items = [{ key: "b", last_seen: "2026-01-20T09:00:30Z", sync_status: "up to date" }];
    assert.equal(syncProblem((await readMemberReports(answering({ items })))[0]), undefined);
  });

  const problems: [MemberReport | undefined, string][] = [
    [undefined, "has no status"],
    [{ ...inSync, status: "PENDING" }, "is PENDING"],
    [{ ...inSync, errors: 1 }, "is UP_TO_DATE, with 1 error"],
    [{ ...inSync, status: "outdated", errors: 2 }, "is outdated, with 2 errors"],
    [{ ...inSync, status: "not-fetched", silentSeconds: undefined }, "has never reported (not-fetched)"],
    [{ ...inSync, silentSeconds: 61 }, "reported last 61 s ago"],
    [{ ...inSync, isDown: true }, "is down"],
  ];
  for (const [report, problem] of problems) {
    it(`reports the synchronization problem: ${problem}`, () => {
      assert.equal(syncProblem(report), problem);
    });
  }
});
