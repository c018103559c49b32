import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { Site } from "../../../tests/support/site";
import { PartialFailure } from "../../core/errors";
import { spsCluster } from "./operations";

/** How fast the appliances' time runs: each lets the sessions end at other points of the work. */
const SPEEDS = [100, 60, 30];

/** Where the sessions end some seconds after a commit, they end in the middle of what follows. */
describe("late service restarts after a commit", () => {
  for (const speed of SPEEDS) {
    it(`converges in at most three runs when services restart late (time × ${speed})`, async () => {
      const variant = { clusterCommitSession: "ended-late", duplicateNode: "replaced" } as const;
      const site = await Site.start({ speed, sps: { variant } });
      try {
        const inputs = await site.cluster();
        let failure: PartialFailure | undefined;
        let roles: string[][] | undefined;
        for (let run = 1; run <= 3 && !roles; run += 1) {
          const running = failure
            ? spsCluster.update(failure.id, failure.state as never, inputs, site.context())
            : spsCluster.create(inputs, site.context());
          const result = await running.catch((error: unknown) => error);
          if (result instanceof PartialFailure) failure = result;
          else if (result instanceof Error) throw result;
          else roles = (result as Awaited<typeof running>).state.nodes.map((node) => node.roles);
          assert.equal(site.openTransactions, 0);
        }
        assert.deepEqual(roles, [
          ["central-management", "search-local"],
          ["managed-host", "search-local"],
        ]);
      } finally {
        await site.stop();
      }
    });
  }
});
