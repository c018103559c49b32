import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { withTestBench } from "../testing/hooks";
import type { TestBench } from "../testing/test-bench";
import { at, list } from "../testing/test-client";

let bench: TestBench;
const SESSIONS = "/api/audit/sessions";

describe("recorded sessions of SPS", () => {
  withTestBench((created) => {
    bench = created;
  });

  it("lists open and closed ones in pages, and counts them all", async () => {
    const { sps, client } = await bench.startSps();
    await client.logIn();
    const end = sps.recorded.begin("rdp");
    sps.recorded.begin("ssh");
    sps.recorded.begin("ssh");
    end();
    const { body } = await client.get(`${SESSIONS}?limit=2`);
    assert.deepEqual(
      list(body.items).map(({ key }) => key),
      ["own-3", "own-2"],
    );
    const { match_count, next, previous } = at(body, "meta");
    assert.deepEqual([match_count, next, previous], [3, `${SESSIONS}?limit=2&offset=2&fields=`, null]);
    for (const page of ["limit=0", "limit=x", "offset=-1"]) {
      assert.equal((await client.get(`${SESSIONS}?${page}`)).status, 400, page);
    }
    const health = at((await client.get("/api/health_status")).body, "health_status");
    assert.deepEqual([at(health, "sessions").ssh, at(health, "sessions").rdp], [2, 0]);
  });

  it("asks for a login, and for the right to search", async () => {
    const { client } = await bench.startSps({ privileges: { search: "none" } });
    assert.equal((await client.get(SESSIONS)).status, 401);
    await client.logIn();
    assert.equal((await client.get(SESSIONS)).status, 403);
  });
});
