import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AuditLine, readAudit } from "./audit";

describe("audit file of the SPS host", () => {
  const folder = mkdtempSync(join(tmpdir(), "lab-audit-"));
  after(() => rmSync(folder, { recursive: true }));

  it("reads one record for each connection, with its end when it is closed", async () => {
    const opened = (session: number): AuditLine => ({
      event: "opened",
      session,
      time: "2026-01-01T00:00:00.000Z",
      client: `192.168.50.10:${40_000 + session}`,
      server: "10.0.0.5:3389",
      mode: "own",
    });
    const end = { time: "2026-01-01T00:00:01.000Z", bytesFromClient: 1, bytesFromServer: 2 };
    const lines: AuditLine[] = [opened(1), opened(2), { event: "closed", session: 2, ...end }];
    const file = join(folder, "audit.jsonl");
    writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    const common = { time: "2026-01-01T00:00:00.000Z", server: "10.0.0.5:3389", mode: "own" };
    assert.deepEqual(await readAudit(file), [
      { session: 1, client: "192.168.50.10:40001", ...common },
      { session: 2, client: "192.168.50.10:40002", ...common, end },
    ]);
  });
});
