import assert from "node:assert/strict";
import { afterEach, describe, it } from "mocha";
import { checkAndPreview } from "../../../tests/support/check-and-preview";
import { changesIn, Site } from "../../../tests/support/site";
import type { ApplianceConnection } from "../../core/connection";
import { UNKNOWN } from "../../core/unknown";
import { spsCluster } from "../sps-cluster/operations";
import { sppJoin } from "./operations";

const EXTRAS = { preflight: "enforce", backups: { spp: "take", sps: "require" } } as const;

describe("preview of a new site: cluster and join in one deployment", () => {
  let site: Site;
  afterEach(() => site.stop());

  /** Previews the cluster and then its join, as an engine does for a program that creates both. */
  async function preview(changes: Partial<ApplianceConnection> = {}) {
    const context = site.context();
    const central = site.sps(0, changes);
    const cluster = await checkAndPreview(spsCluster, {}, await site.cluster({ centralManagement: central }), context);
    site.log.clear();
    const inputs = { ...(await site.join({ sps: central, ...EXTRAS })), clusterId: UNKNOWN };
    const join = await checkAndPreview(sppJoin, {}, inputs, context);
    for (const node of site.lab.sps) assert.deepEqual(changesIn(node.traffic), []);
    return { cluster, join, report: site.log.of("info").join("\n") };
  }

  const codes = ({ failures }: { failures: { reason: string }[] }) =>
    failures.map(({ reason }) => reason.slice(-7, -1));

  it("makes all checks but one, and names the three that the promotion makes true", async () => {
    site = await Site.start();
    const { cluster, join, report } = await preview();
    assert.deepEqual([cluster.failures, join.failures], [[], []]);
    assert.match(
      report,
      /\npreflight: 25 pass, 0 warn, 0 fail, 3 planned, 1 not checked \(\d+\.\d s\)\n25 of 29 checks pass, 3 after the promotion, 1 cannot be checked; CANNOT BE UNDONE: promotes [\d.]+, joins it to [\d.]+$/,
    );
    assert.match(
      report,
      /^not checked +open access requests +the join closes them all, and user \S+ sees only its own/,
    );
    for (const line of [
      /\nplanned +SPS is the Central Management node +after promotion: \S+ has the role central-management\n/,
      /\nplanned +all members have joined +after promotion: 2 nodes, each with its search role\n/,
      /\nplanned +the members are in sync +after promotion: SpsCluster waits until the members are in sync\n/,
      /\npass +some node can record sessions +after promotion: 2 of 2 nodes can\n/,
      /\npass +no other join is in the way +neither has an entry of the other\n/,
    ]) {
      assert.match(report, line);
    }
  });

  const faults: [name: string, changes: Partial<ApplianceConnection>, code: string][] = [
    ["a wrong password", { password: "wrong-password" }, "SG1013"],
    ["a certificate of another authority", { ca: undefined }, "SG1011"],
    ["an SPS that does not exist", { port: 1 }, "SG1010"],
  ];
  for (const [name, changes, code] of faults) {
    it(`reports ${name} once, in the preview of the cluster (${code})`, async () => {
      site = await Site.start();
      const found = await preview(changes);
      assert.deepEqual([codes(found.cluster), codes(found.join)], [[code], []]);
    });
  }

  it("tries a wrong password once for both previews of a deployment", async () => {
    site = await Site.start();
    await preview({ password: "wrong-password" });
    assert.equal(site.lab.sps[0].traffic.count("GET", "/api/authentication"), 1);
  });

  it("fails the preview of the join when SPS has no backup policy (SG2206)", async () => {
    site = await Site.start({ spsCount: 1, sps: { hasSystemBackup: false } });
    const { cluster, join } = await preview();
    assert.deepEqual([codes(cluster), codes(join)], [[], ["SG2206"]]);
  });

  it("says for a site whose state was lost that nothing is sent, and sends nothing", async () => {
    site = await Site.startWithCluster();
    await sppJoin.create(await site.join(), site.context());
    site.clearTraffic();
    const { cluster, join } = await preview();
    const entry = site.lab.spp.sessionModules[0]?.Id;
    assert.deepEqual([cluster.failures, join.failures], [[], []]);
    assert.deepEqual(cluster.outputs.steps, ["the cluster exists as declared: nothing is sent"]);
    assert.deepEqual(join.outputs.steps, [
      `already joined (entry ${entry} on ${site.spp().address}): nothing is sent`,
      "read both sides",
    ]);
    await spsCluster.create(await site.cluster(), site.context());
    await sppJoin.create(await site.join(EXTRAS), site.context());
    for (const node of site.lab.sps) assert.deepEqual(changesIn(node.traffic), []);
    assert.deepEqual(
      changesIn(site.lab.spp.traffic).filter((change) => !/Login|RSTS|Logout/.test(change)),
      [],
    );
  });
});
