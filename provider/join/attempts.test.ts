import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "mocha";
import { RecordingLog } from "../../tests/support/recording-log";
import { AttemptLedger, attemptAt, requestAt } from "./attempts";

const ATTEMPT = { nodeId: "6D5C9A10-0a4e", applianceId: "00155D26E342", sentAt: "2026-05-20T08:00:00.000Z" };

describe("the ledger of pending join requests", () => {
  let folder = "";
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "attempts-"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("keeps a pending attempt in a private file until its outcome is known", async () => {
    const place = join(folder, "new", "one");
    const log = new RecordingLog();
    const ledger = new AttemptLedger(place);
    assert.deepEqual(await ledger.all(), []);
    await ledger.begin(ATTEMPT, { log });
    assert.deepEqual(await new AttemptLedger(place).all(), [ATTEMPT]);
    const [file = ""] = readdirSync(place);
    assert.equal(statSync(join(place, file)).mode & 0o777, 0o600);
    assert.equal(attemptAt([ATTEMPT], "6d5c9a10-0A4E", "00155d26e342"), Date.parse(ATTEMPT.sentAt));
    assert.equal(attemptAt([ATTEMPT], "6d5c9a10-0A4E", "another"), undefined);
    const done = { ...ATTEMPT, isDone: true };
    await ledger.begin(done, { log });
    assert.deepEqual(await ledger.all(), [done]);
    assert.equal(attemptAt([done], ATTEMPT.nodeId, ATTEMPT.applianceId), undefined);
    assert.equal(requestAt([done], ATTEMPT.nodeId, ATTEMPT.applianceId), Date.parse(ATTEMPT.sentAt));
    await ledger.end(ATTEMPT.nodeId.toLowerCase());
    assert.deepEqual(await ledger.all(), []);
    await ledger.end(ATTEMPT.nodeId);
    assert.deepEqual(log.all, []);
  });

  it("lets one of many programs send that ask at the same moment, and the next one after its end or five minutes", async () => {
    const place = join(folder, "claims");
    const log = new RecordingLog();
    const ledger = new AttemptLedger(place);
    const claims = await Promise.all(Array.from({ length: 20 }, () => ledger.claim(ATTEMPT, 300, { log })));
    assert.equal(claims.filter(Boolean).length, 1);
    const later = { ...ATTEMPT, sentAt: "2026-05-20T08:04:59.000Z" };
    assert.equal(await ledger.claim(later, 300, { log }), false);
    assert.equal(await ledger.claim({ ...ATTEMPT, applianceId: "another" }, 300, { log }), true);
    await ledger.end(ATTEMPT.nodeId);
    assert.equal(await ledger.claim(ATTEMPT, 300, { log }), true);
    assert.equal(await ledger.claim({ ...ATTEMPT, sentAt: "2026-05-20T08:05:00.000Z" }, 300, { log }), true);
    await ledger.begin({ ...later, isDone: true }, { log });
    assert.equal(await ledger.claim(later, 300, { log }), true);
    assert.deepEqual([readdirSync(place).length, log.all], [1, []]);
  });

  it("writes no attempt outside the folder, even for hostile node ids", async () => {
    const place = join(folder, "names");
    const ledger = new AttemptLedger(place);
    await ledger.begin({ ...ATTEMPT, nodeId: "../../x/y" }, { log: new RecordingLog() });
    assert.deepEqual(readdirSync(place), ["..%2F..%2Fx%2Fy.json"]);
  });

  it("ignores foreign files in the folder of the attempts", async () => {
    const place = join(folder, "others");
    const ledger = new AttemptLedger(place);
    await ledger.begin(ATTEMPT, { log: new RecordingLog() });
    for (const [index, text] of ["", "{", "[]", JSON.stringify({ ...ATTEMPT, sentAt: "soon" })].entries()) {
      writeFileSync(join(place, `${index}.json`), text);
    }
    assert.deepEqual(await ledger.all(), [ATTEMPT]);
  });

  it("warns and lets the join continue when the folder is not writable", async () => {
    const file = join(folder, "a-file");
    writeFileSync(file, "");
    const log = new RecordingLog();
    const ledger = new AttemptLedger(join(file, "below"));
    await ledger.begin(ATTEMPT, { log });
    assert.match(
      log.of("warn").join(),
      /^the join request cannot be noted on this machine \(.*ENOTDIR.*\); if this run/,
    );
    assert.deepEqual(await ledger.all(), []);
    await ledger.end(ATTEMPT.nodeId);
    assert.equal(readFileSync(file, "utf8"), "");
  });
});
