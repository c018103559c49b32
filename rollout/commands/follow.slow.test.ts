import assert from "node:assert/strict";
import { after, before, it } from "mocha";
import { queueRollout, resumeRollout, startRollout } from "../engine/client";
import { onBothDatabases } from "../testing/both-databases";
import { RolloutBed } from "../testing/rollout-bed";
import { planFor } from "../testing/simulation";
import { follow } from "./follow";
import type { Session } from "./session";

onBothDatabases("following a rollout", function (server) {
  this.timeout(60_000);
  let bed: RolloutBed;

  before(async () => {
    bed = await RolloutBed.start(server());
  });
  after(() => bed?.stop());

  it("ends with the way to go on when the workflow engine has ended its workflow, and resume goes on", async () => {
    const { pool } = bed.database;
    const record = await startRollout(pool, planFor(1), "/nowhere/rollout.yaml", "ada");
    await queueRollout(pool, record, "ada");
    // As after an error that the engine does not repeat.
    await pool.query("UPDATE dbos.workflow_status SET status = 'ERROR' WHERE workflow_uuid = $1", [record.id]);
    const session: Session = {
      output: { out: () => {}, error: () => {} },
      isJson: false,
      signal: AbortSignal.timeout(30_000),
      exitCode: 0,
    };
    await assert.rejects(follow(pool, record, session, false), {
      message: `rollout ${record.id}: the workflow engine has ended a part of it after an error; run rollout resume to go on where it was`,
    });
    await resumeRollout(pool, record, "ada");
    await bed.worker(10);
    await follow(pool, record, session, false);
    assert.equal((await bed.state(record.id)).status, "done");
  });
});
