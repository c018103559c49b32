import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { Site } from "../../../tests/support/site";
import type { Fact } from "../../join/preflight/gathering";
import { begunBetween, gatherNewSessions, type NewSessions, type SessionReading } from "./new-sessions";

const reading = (parts: Partial<SessionReading> = {}): SessionReading => ({
  recorded: { value: 5 },
  own: { rdp: 1 },
  members: new Map([["b", { ssh: 2 }]]),
  ...parts,
});

describe("new sessions at SPS", () => {
  it("are those that were recorded since, also when they have ended", () => {
    assert.equal(begunBetween(reading(), reading()), 0);
    assert.equal(begunBetween(reading(), reading({ recorded: { value: 7 }, own: {} })), 2);
    // A cleanup of the database is no session.
    assert.equal(begunBetween(reading(), reading({ recorded: { value: 2 } })), 0);
  });

  it("are open ones where SPS does not count, of this node and of the others", () => {
    const uncounted = { recorded: { why: "the account may not read it" } };
    const later = reading({ ...uncounted, own: { rdp: 0, ssh: 1 }, members: new Map([["b", { ssh: 4 }]]) });
    assert.equal(begunBetween(reading(uncounted), later), 3);
    const unread = reading({ ...uncounted, members: new Map() });
    assert.equal(begunBetween(unread, reading(uncounted)), 0, "what was not read before is not new");
  });
});

describe("watching SPS for new sessions", function () {
  this.timeout(30_000);
  let site: Site;

  before(async () => {
    site = await Site.start({ spsCount: 1 });
  });
  after(async () => {
    await site.stop();
  });

  /** What is seen within 1 s, and the requests meanwhile. */
  async function watch(begin: () => void = () => {}) {
    const [sps] = site.lab.sps;
    const requests = sps.traffic.requests.length;
    setTimeout(begin, 300);
    const limits = { limitSeconds: 10, trafficSeconds: 0, sessionSeconds: 1 };
    const seen: Fact<NewSessions> = await gatherNewSessions(site.sps(0), limits, site.context());
    return { seen, sent: sps.traffic.requests.slice(requests).map(({ method, path }) => `${method} ${path}`) };
  }

  it("counts one that began and ended meanwhile, and only reads", async () => {
    const { seen, sent } = await watch(() => site.lab.sps[0].recorded.begin("rdp")());
    assert.deepEqual(seen, { value: { count: 1, seconds: 1 } });
    const reads = ["GET /api/audit/sessions", "GET /api/cluster/status", "GET /api/health_status"];
    assert.deepEqual(sent.sort(), [...reads, ...reads, "GET /api/authentication"].sort());
  });

  it("sees none where no client connects", async () => {
    assert.deepEqual((await watch()).seen, { value: { count: 0, seconds: 1 } });
  });

  it("counts open ones, and says so, where the account may not search", async () => {
    const closed = await Site.start({ spsCount: 1, sps: { privileges: { search: "none" } } });
    try {
      const limits = { limitSeconds: 10, trafficSeconds: 0, sessionSeconds: 1 };
      const [sps] = closed.lab.sps;
      setTimeout(() => sps.recorded.begin("ssh"), 300);
      assert.deepEqual(await gatherNewSessions(closed.sps(0), limits, closed.context()), {
        value: { count: 1, seconds: 1, uncounted: "the account may not read it" },
      });
    } finally {
      await closed.stop();
    }
  });
});
