import assert from "node:assert/strict";
import { afterEach, describe, it } from "mocha";
import type { SpsVariant } from "../../../lab/sps/variant";
import { changesIn, Site } from "../../../tests/support/site";
import { PartialFailure } from "../../core/errors";
import { SpsClient } from "../../sps/client";
import { joinMember, promote, setRoles } from "../../sps/cluster-changes";
import { planClusterInterface } from "../../sps/network";
import { spsCluster } from "./operations";

const LIMIT = 10;

/** What somebody, or an interrupted run, did before; each begins where the one before ended. */
const STAGES = {
  "no step": async () => undefined,
  "the first cluster interface": async (central) => enable(central),
  "both cluster interfaces": async (_central, member) => enable(member),
  "the promotion": async (central) => promote(central, LIMIT),
  "the roles of the Central Management node": async (central, _member, site) =>
    setRoles(central, listedNode(site, 0), ["central-management", "search-local"], LIMIT),
  "the join of the member": async (central, member, site) => joinMember(central, site.sps(0).address, member, LIMIT),
  "the roles of the member": async (central, _member, site) =>
    setRoles(central, listedNode(site, 1), ["managed-host", "search-local"], LIMIT),
} satisfies Record<string, (central: SpsClient, member: SpsClient, site: Site) => Promise<unknown>>;

/** What is still to be done after each stage: on the Central Management node, and on the member. */
const MISSING: Record<keyof typeof STAGES, [central: string[], member: string[]]> = {
  "no step": [
    ["local_services/cluster", "promote", "nodes/central", "nodes", "nodes/member"],
    ["local_services/cluster", "join_request"],
  ],
  "the first cluster interface": [
    ["promote", "nodes/central", "nodes", "nodes/member"],
    ["local_services/cluster", "join_request"],
  ],
  "both cluster interfaces": [["promote", "nodes/central", "nodes", "nodes/member"], ["join_request"]],
  "the promotion": [["nodes/central", "nodes", "nodes/member"], ["join_request"]],
  "the roles of the Central Management node": [["nodes", "nodes/member"], ["join_request"]],
  "the join of the member": [["nodes/member"], []],
  "the roles of the member": [[], []],
};

describe("partially built cluster", () => {
  const endings: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of endings.splice(0).reverse()) await end();
  });

  async function start(variant: Partial<SpsVariant> = {}): Promise<Site> {
    const site = await Site.start({ sps: { variant } });
    endings.push(() => site.stop());
    return site;
  }

  async function open(site: Site, n: number): Promise<SpsClient> {
    const client = await SpsClient.open(site.sps(n), site.context());
    endings.push(() => client.close());
    return client;
  }

  /** The changes a node got, without the transactions around them and with names for the node ids. */
  function done(site: Site, n: number): string[] {
    const [central, member] = site.lab.sps.map((node) => node.nodeId);
    return changesIn(site.lab.sps[n]?.traffic ?? assert.fail())
      .filter((request) => !request.endsWith("/api/transaction"))
      .map((request) => request.replace(/.*\/api\/(cluster|configuration)\//, ""))
      .map((path) => path.replace(central ?? "", "central").replace(member ?? "", "member"));
  }

  const names = Object.keys(STAGES) as (keyof typeof STAGES)[];
  for (const [position, name] of names.entries()) {
    it(`completes the cluster after ${name} without repeating a step`, async () => {
      const site = await start();
      const [central, member] = [await open(site, 0), await open(site, 1)];
      for (const stage of names.slice(0, position + 1)) await STAGES[stage](central, member, site);
      site.clearTraffic();
      const { state } = await spsCluster.create(await site.cluster(), site.context());
      assert.deepEqual([done(site, 0), done(site, 1)], MISSING[name]);
      assert.deepEqual(
        state.nodes.map(({ roles, synchronized }) => [...roles, synchronized]),
        [
          ["central-management", "search-local", true],
          ["managed-host", "search-local", true],
        ],
      );
      assert.equal(site.openTransactions, 0);
    });
  }

  for (const [what, path] of [
    ["the acceptance", /cluster\/nodes$/],
    ["the commit after the acceptance", /transaction$/],
  ] as const) {
    for (const kind of ["cut-before", "cut-after"] as const) {
      it(`completes the cluster in the next run when ${what} breaks off (${kind})`, async () => {
        const site = await start({ duplicateNode: "refused", joinRequestTwice: "replaced" });
        const [central] = site.lab.sps;
        const inputs = await site.cluster();
        const breakOff = () => {
          central.traffic.inject({ method: path.test("/api/cluster/nodes") ? "POST" : "PUT", path, effect: { kind } });
        };
        // From the moment at which the member has asked: the commits before are those of other steps.
        const asked = { kind: "call", when: "after", run: breakOff } as const;
        site.lab.sps[1]?.traffic.inject({ method: "POST", path: /join_request$/, effect: asked });
        const first = await spsCluster.create(inputs, site.context()).catch((error: unknown) => error);
        if (first instanceof Error) assert.ok(first instanceof PartialFailure, String(first));
        const { state } = await spsCluster.create(inputs, site.context());
        assert.equal(state.nodes[1]?.synchronized, true);
        assert.equal(site.openTransactions, 0);
      });
    }
  }

  /** Leaves a cluster that lists a member which knows nothing of it, as another program may that commits in that order. */
  async function joinByHalf(site: Site): Promise<void> {
    const [central, member] = [await open(site, 0), await open(site, 1)];
    await enable(central);
    await enable(member);
    await promote(central, LIMIT);
    await member.send("POST", "/api/transaction");
    const answer = await member.send("POST", "/api/cluster/join_request", {
      central_management_address: site.sps(0).address,
    });
    await central.send("POST", "/api/transaction");
    await central.send("POST", "/api/cluster/nodes", (answer as { body: object }).body);
    await central.send("PUT", "/api/transaction", { status: "commit" });
    await member.send("DELETE", "/api/transaction");
    site.clearTraffic();
  }

  it("completes a join after a crash between its commits if the node can join again", async () => {
    const site = await start({ duplicateNode: "replaced" });
    await joinByHalf(site);
    const { state } = await spsCluster.create(await site.cluster({ timeouts: { stepSeconds: 2 } }), site.context());
    assert.deepEqual([done(site, 0), done(site, 1)], [["nodes/central", "nodes", "nodes/member"], ["join_request"]]);
    assert.equal(state.nodes[1]?.synchronized, true);
  });

  it("names the remedy after a crash between commits if the node cannot join again", async () => {
    const site = await start({ duplicateNode: "refused" });
    await joinByHalf(site);
    const inputs = await site.cluster({ timeouts: { stepSeconds: 2, synchronizationSeconds: 1 } });
    await assert.rejects(spsCluster.create(inputs, site.context()), (error) => {
      assert.ok(error instanceof PartialFailure);
      assert.match(
        error.message,
        /not reached within 1 s \(last seen: [\d.]+ has never reported \(not-fetched\)\); .* \[SG1210\]$/,
      );
      return true;
    });
    assert.match(
      site.log.of("warn").join(),
      /A node with this id or address is in the cluster already; .*; if the node never reports, remove its entry/,
    );
    assert.equal(site.openTransactions, 0);
  });
});

async function enable(client: SpsClient): Promise<void> {
  const change = await planClusterInterface(client, client.connection.address);
  await change?.(LIMIT);
}

function listedNode(site: Site, n: number) {
  const node = site.lab.sps[n] ?? assert.fail(`no node ${n}`);
  return { nodeId: node.nodeId, address: node.clusterAddress, roles: [] };
}
