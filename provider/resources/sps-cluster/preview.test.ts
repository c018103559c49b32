import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "mocha";
import { checkAndPreview } from "../../../tests/support/check-and-preview";
import { changesIn, Site } from "../../../tests/support/site";
import { UNKNOWN } from "../../core/unknown";
import { sppJoin } from "../spp-join/operations";
import { compareClusters } from "./changes";
import { spsCluster } from "./operations";
import type { SpsClusterKnown } from "./schema";

const connection = (address: string) => ({
  address,
  port: 443,
  username: "admin",
  password: "hunter2",
  insecureSkipVerify: false,
});

describe("compareClusters", () => {
  const cluster = (searchRole: "search-local" | "search-master", ...members: [string, listenAddress?: string][]) => ({
    centralManagement: connection("10.0.0.1"),
    searchRole,
    members: members.map(([address, listenAddress]) => ({
      connection: connection(address),
      ...(listenAddress === undefined ? {} : { listenAddress }),
    })),
  });

  it("names added and removed nodes and roles that would lose recordings", () => {
    assert.deepEqual(
      compareClusters(
        cluster("search-local", ["10.0.0.2"], ["10.0.0.3"]),
        cluster("search-master", ["10.0.0.3"], ["10.0.0.4"]),
      ),
      { added: ["10.0.0.4"], removed: ["10.0.0.2"], losing: ["members[0].searchRole"] },
    );
  });

  it("finds no difference when a node keeps one of its addresses", () => {
    const none = { added: [], removed: [], losing: [] };
    const before = cluster("search-local", ["10.0.0.2"]);
    assert.deepEqual(compareClusters(before, before), none);
    assert.deepEqual(compareClusters(before, cluster("search-local", ["10.0.0.2", "10.9.0.2"])), none);
    assert.deepEqual(compareClusters(before, cluster("search-local", ["sps2.lab.example", "10.0.0.2"])), none);
  });
});

/** Runs through in order: the cluster is joined to SPP on the way. */
describe("SpsCluster preview of changes", () => {
  let site: Site;
  let olds: SpsClusterKnown & Record<string, unknown>;

  before(async () => {
    site = await Site.start({ spsCount: 3 });
    olds = { ...(await site.cluster({ members: [{ connection: site.sps(1) }] })) };
    await spsCluster.create(olds, site.context());
  });
  after(() => site.stop());
  beforeEach(() => {
    site.clearTraffic();
    site.log.clear();
  });

  async function preview(changes: Record<string, unknown>) {
    const { failures } = await checkAndPreview(spsCluster, olds, { ...olds, ...changes }, site.context());
    for (const node of site.lab.sps) assert.deepEqual(changesIn(node.traffic), []);
    return { reasons: failures.map(({ reason }) => reason), warnings: site.log.of("warn") };
  }

  const logins = () => site.lab.sps.map(({ traffic }) => traffic.count("GET", "/api/authentication"));
  const requests = () => site.lab.sps.reduce((sum, node) => sum + node.traffic.requests.length, 0);
  const twoMembers = () => [1, 2].map((n) => ({ connection: site.sps(n) }));
  const minion = () => ({ searchRole: "search-master", members: [{ connection: site.sps(1) }] });

  it("sends no request and reports nothing when nothing changes", async () => {
    assert.deepEqual(await preview({}), { reasons: [], warnings: [] });
    assert.equal(requests(), 0);
  });

  it("warns without a request that a removed node stays a member", async () => {
    assert.deepEqual(await preview({ members: [] }), {
      reasons: [],
      warnings: [
        `members no longer name ${site.sps(1).address}: SPS has no documented REST operation that takes a node out of its cluster, so it stays a member as it is and stays among the outputs; name it again, or retire it with the help of One Identity and run pulumi refresh (a node that only has another address now is recognized by its id)`,
      ],
    });
    assert.equal(requests(), 0);
  });

  it("accepts a late member and any role before the join to SPP", async () => {
    assert.deepEqual(await preview({ members: twoMembers() }), { reasons: [], warnings: [] });
    assert.deepEqual(logins(), [2, 1, 1]);
    assert.deepEqual(await preview(minion()), { reasons: [], warnings: [] });
  });

  it("warns why the join to SPP could not be checked", async () => {
    const unknown = "the connection to the Central Management node is not known yet";
    const again = "this is checked again before any change";
    const later = await preview({ ...minion(), centralManagement: { ...site.sps(0), password: UNKNOWN } });
    assert.deepEqual(later, {
      reasons: [],
      warnings: [`cannot tell yet whether the cluster is joined to SPP (${unknown}); ${again}`],
    });
    site.log.clear();
    const refused = await preview({ ...minion(), centralManagement: { ...site.sps(0), password: "wrong-password" } });
    assert.deepEqual(refused.reasons, []);
    assert.match(
      refused.warnings.join(),
      /joined to SPP \(sps [\d.]+: log in: user admin was refused; .* \[SG1013\]\)/,
    );
  });

  it("warns of a late member once the cluster is joined to SPP", async () => {
    await sppJoin.create(await site.join(), site.context());
    site.clearTraffic();
    site.log.clear();
    assert.deepEqual(await preview({ members: twoMembers() }), {
      reasons: [],
      warnings: [
        `${site.sps(2).address} joins a cluster that is JOINED TO SPP ALREADY: the vendor advises to add all members before the join (SPS Administration Guide, Joining to SPP); afterwards check on SPP that sessions can be launched through every node`,
      ],
    });
  });

  it("refuses search-minion once joined to SPP and names the allowed roles", async () => {
    assert.deepEqual(await preview(minion()), {
      reasons: [
        "Invalid value for members[0].searchRole: search-minion. It was search-local, and sessions it recorded as search-local could no longer be played from SPP, to which the cluster is joined. Allowed values are: search-local, search-master.",
      ],
      warnings: [],
    });
    const members = [{ connection: site.sps(1), searchRole: "search-local" }];
    assert.deepEqual(await preview({ searchRole: "search-master", members }), { reasons: [], warnings: [] });
  });
});
