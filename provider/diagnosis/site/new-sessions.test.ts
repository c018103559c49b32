import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import type { SimulatedSps } from "../../../lab/sps/simulated-sps";
import type { Privileges } from "../../../lab/sps/web/privileges";
import { Site } from "../../../tests/support/site";
import type { Fact } from "../../join/preflight/gathering";
import { begunBetween, gatherNewSessions, type NewSessions, type SessionReading } from "./new-sessions";

const LIMITS = { limitSeconds: 10, trafficSeconds: 0, sessionSeconds: 1 };

const recorded = (count: number, first = `${count}`) => ({ recorded: { count, first } });
const reading = (parts: Partial<SessionReading> = {}): SessionReading => ({
  ...recorded(5),
  own: { rdp: 1 },
  members: new Map([["b", { ssh: 2 }]]),
  ...parts,
});

describe("new sessions at SPS", () => {
  it("are those that were recorded since, also when they have ended", () => {
    assert.equal(begunBetween(reading(), reading()), 0);
    assert.equal(begunBetween(reading(), reading({ ...recorded(7), own: {} })), 2);
    assert.equal(begunBetween(reading(recorded(9, "a")), reading(recorded(9, "b"))), 1, "at the limit of matches");
    // A cleanup of the database is no session.
    assert.equal(begunBetween(reading(), reading(recorded(2))), 0);
  });

  it("are open ones where SPS does not list them, of this node and of the others", () => {
    const unlisted = { recorded: undefined };
    const later = reading({ ...unlisted, own: { rdp: 0, ssh: 1 }, members: new Map([["b", { ssh: 4 }]]) });
    assert.equal(begunBetween(reading(unlisted), later), 3);
    const unread = reading({ ...unlisted, own: undefined, members: new Map() });
    assert.equal(begunBetween(unread, reading(unlisted)), 0, "what was not read before is not new");
  });

  it("count once when the node lists those of the others, too", () => {
    assert.equal(begunBetween(reading(), reading({ ...recorded(6), members: new Map([["b", { ssh: 3 }]]) })), 1);
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
    const seen: Fact<NewSessions> = await gatherNewSessions(site.sps(0), LIMITS, site.context());
    return { seen, sent: sps.traffic.requests.slice(requests).map(({ method, path }) => `${method} ${path}`) };
  }

  it("counts one that began and ended meanwhile, and only reads", async () => {
    const { seen, sent } = await watch(() => site.lab.sps[0].recorded.begin("rdp")());
    assert.deepEqual(seen, { value: { count: 1, seconds: 1, isBlind: false } });
    const reads = ["GET /api/audit/sessions", "GET /api/cluster/status", "GET /api/health_status"];
    assert.deepEqual(sent.sort(), [...reads, ...reads, "GET /api/authentication"].sort());
  });

  it("sees none where no client connects", async () => {
    assert.deepEqual((await watch()).seen, { value: { count: 0, seconds: 1, isBlind: false } });
  });

  it("counts open ones, and says so, where the account may not search", async () => {
    assert.deepEqual(await watchAs({ search: "none" }, (sps) => sps.recorded.begin("ssh")), {
      value: { count: 1, seconds: 1, isBlind: false, unlisted: "the account may not read it" },
    });
  });

  it("counts recorded ones where the account may not read the health", async () => {
    assert.deepEqual(await watchAs({ troubleshooting: "none" }, (sps) => sps.recorded.begin("ssh")), {
      value: { count: 1, seconds: 1, isBlind: false },
    });
    assert.deepEqual(await watchAs({ troubleshooting: "none", search: "none" }, (sps) => sps.recorded.begin("ssh")), {
      value: { count: 0, seconds: 1, isBlind: true, unlisted: "the account may not read it" },
    });
  });

  /** What an account with these rights sees of a session that begins meanwhile. */
  async function watchAs(privileges: Privileges, begin: (sps: SimulatedSps) => void): Promise<Fact<NewSessions>> {
    const other = await Site.start({ spsCount: 1, sps: { privileges } });
    try {
      setTimeout(() => begin(other.lab.sps[0]), 300);
      return await gatherNewSessions(other.sps(0), LIMITS, other.context());
    } finally {
      await other.stop();
    }
  }
});
