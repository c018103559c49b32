import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { type JoinSite, joinFailure, withJoinSite } from "../testing/join-site";
import { apiError } from "../testing/stub-spp";
import { joinsAtOnce } from "./joins-at-once";

let site: JoinSite;

describe("the joins that were under way at a time", () => {
  withJoinSite((started) => {
    site = started;
  });

  const startTwo = async () => [await site.startPromoted(), await site.startPromoted()] as const;

  it("are one when the second begins after the policies of the first are made", async () => {
    const nodes = await startTwo();
    for (const { sps, client } of nodes) {
      assert.equal((await site.join(client)).status, 200);
      await site.bench.waitUntil("policies", () => sps.joined?.phase === "complete");
    }
    assert.equal(joinsAtOnce(nodes.map(({ sps }) => sps.log)), 1);
  });

  it("are two when the second begins before, also when SPP refuses it", async () => {
    const [first, second] = await startTwo();
    assert.equal((await site.join(first.client)).status, 200);
    site.spp.refusal = apiError(400, 60910, "Another cluster operation is running");
    assert.equal(joinFailure(await site.join(second.client)).status, 400);
    assert.equal(joinsAtOnce([first.sps.log, second.sps.log]), 2);
  });

  it("are none before the first, and end with a refusal", async () => {
    const [first, second] = await startTwo();
    assert.equal(joinsAtOnce([first.sps.log, second.sps.log]), 0);
    site.spp.refusal = apiError(403, 60108, "Authorization for this request has failed");
    for (const { client } of [first, second]) joinFailure(await site.join(client));
    assert.equal(joinsAtOnce([first.sps.log, second.sps.log]), 1);
  });
});
