import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "mocha";
import { changesIn, Site } from "../../../tests/support/site";
import { sppJoin } from "./operations";
import type { SppJoinInputs } from "./schema";

const BACKUP = "POST /service/appliance/v4/Backups";
const REQUEST = "POST /api/cluster/spp";

describe("backups before a join", () => {
  let site: Site;

  async function start(backupAgeDays = Number.POSITIVE_INFINITY) {
    site = await Site.startWithCluster({ spsCount: 1, spp: { backupAgeDays } });
  }
  afterEach(() => site.stop());

  const join = async (changes: Partial<SppJoinInputs>) =>
    (await sppJoin.create(await site.join(changes), site.context())).state;
  const sent = () =>
    [...changesIn(site.lab.spp.traffic), ...changesIn(site.lab.sps[0].traffic)].filter((request) =>
      [BACKUP, REQUEST].includes(request),
    );

  describe("SPP without a backup", () => {
    beforeEach(() => start());

    it("takes a backup, waits until it is complete and records it", async () => {
      const state = await join({ backups: {} });
      assert.deepEqual(sent(), [BACKUP, REQUEST]);
      const [backup] = site.lab.spp.context.backups.rows;
      assert.deepEqual([state.sppBackupId, state.spsBackupPolicy], [backup?.Id, "-100"]);
      const begun = Date.parse(backup?.CreatedOn ?? "");
      assert.ok(Date.parse(state.joinedAt) - begun >= 30_000, "the request did not wait for the backup");
    });

    it("uses the backup that an interrupted run has begun", async () => {
      site.lab.spp.traffic.inject({ path: /SslCertificates$/, effect: { kind: "status", status: 400 } });
      await assert.rejects(join({ backups: {} }), { code: "SG2008" });
      assert.equal((await join({ backups: {} })).sppBackupId, site.lab.spp.context.backups.rows[0]?.Id);
      assert.deepEqual(sent(), [BACKUP, REQUEST]);
    });

    it("uses an older backup only as long as an interrupted run may have waited for it", async () => {
      const later = async (changes: Partial<SppJoinInputs>) => {
        for (const row of site.lab.spp.context.backups.rows) {
          row.CreatedOn = new Date(Date.parse(row.CreatedOn) - 20 * 60_000).toISOString();
        }
        return join({ backups: {}, ...changes });
      };
      site.lab.spp.traffic.inject({ path: /SslCertificates$/, times: 2, effect: { kind: "status", status: 400 } });
      await assert.rejects(later({}), { code: "SG2008" });
      await assert.rejects(later({ timeouts: { backupSeconds: 300 } }), { code: "SG2008" });
      await later({ timeouts: { backupSeconds: 7200 } });
      assert.deepEqual(sent(), [BACKUP, BACKUP, REQUEST]);
    });

    it("survives a backup that outlasts the SPS session", async () => {
      const run = () => site.lab.sps[0].endSessions();
      site.lab.spp.traffic.inject({ path: /SslCertificates$/, effect: { kind: "call", when: "before", run } });
      assert.equal((await join({ backups: {} })).health, "joined");
      assert.deepEqual(sent(), [BACKUP, REQUEST]);
    });

    it("takes only one backup when the answer to its request is lost", async () => {
      site.lab.spp.traffic.inject({ method: "POST", path: /Backups$/, effect: { kind: "cut-after" } });
      await join({ backups: {} });
      assert.deepEqual(sent(), [BACKUP, REQUEST]);
    });

    it("stops before the join request when the backup is not complete in time", async () => {
      const run = () => {
        for (const row of site.lab.spp.context.backups.rows) row.Status = "InProcess";
      };
      const times = Number.POSITIVE_INFINITY;
      site.lab.spp.traffic.inject({ path: /Backups$/, times, effect: { kind: "call", when: "before", run } });
      await assert.rejects(join({ backups: {}, timeouts: { backupSeconds: 1 } }), { code: "SG2120" });
      assert.deepEqual(sent(), [BACKUP]);
    });

    it("refuses the join without a request when a backup is required", async () => {
      await assert.rejects(join({ backups: { spp: "require" } }), { code: "SG2209" });
      assert.deepEqual(sent(), []);
    });

    it("does not look at backups when they are skipped", async () => {
      site.lab.sps[0].setSystemBackup(false);
      const state = await join({ backups: { spp: "skip", sps: "skip" } });
      assert.deepEqual([state.sppBackupId, state.spsBackupPolicy], ["", ""]);
      assert.deepEqual(sent(), [REQUEST]);
      assert.equal(site.lab.spp.traffic.count("GET", /Backups/), 0);
    });

    it("refuses SPS without a backup policy unless the backup is skipped", async () => {
      site.lab.sps[0].setSystemBackup(false);
      await assert.rejects(join({ backups: {} }), { code: "SG2206" });
      assert.deepEqual(sent(), []);
    });
  });

  describe("SPP with a backup", () => {
    it("uses the latest complete backup while a newer one is still being taken", async () => {
      await start(6);
      const { rows } = site.lab.spp.context.backups;
      const [complete] = rows;
      assert.ok(complete);
      const CreatedOn = new Date(Date.parse(complete.CreatedOn) + 60_000).toISOString();
      rows.unshift({ ...complete, Id: "5b0e5b0c-5f6a-4a53-8a1e-6f0c0f1f8c11", Status: "InProcess", CreatedOn });
      assert.equal((await join({ backups: { spp: "require" } })).sppBackupId, complete.Id);
      assert.deepEqual(sent(), [REQUEST]);
    });

    it("accepts a backup of the last seven days and refuses an older one", async () => {
      await start(6);
      const state = await join({ backups: { spp: "require" } });
      assert.equal(state.sppBackupId, site.lab.spp.context.backups.rows[0]?.Id);
      assert.deepEqual(sent(), [REQUEST]);
      await site.stop();
      await start(8);
      await assert.rejects(join({ backups: { spp: "require" } }), { code: "SG2209" });
      assert.deepEqual(sent(), []);
    });
  });
});
