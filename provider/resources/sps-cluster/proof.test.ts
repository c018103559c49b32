import assert from "node:assert/strict";
import { afterEach, describe, it } from "mocha";
import { checkAndPreview } from "../../../tests/support/check-and-preview";
import { stepsOfTwoNodes } from "../../../tests/support/cluster-steps";
import { failureOf } from "../../../tests/support/failure";
import { changesIn, Site } from "../../../tests/support/site";
import type { ApplianceConnection } from "../../core/connection";
import { SafeguardError } from "../../core/errors";
import { UNKNOWN } from "../../core/unknown";
import { SpsClient } from "../../sps/client";
import { promote } from "../../sps/cluster-changes";
import { planClusterInterface } from "../../sps/network";
import { spsCluster } from "./operations";
import type { SpsClusterKnown } from "./schema";

let site: Site;
const [A, B] = [0, 1].map((n) => () => site.sps(n).address) as [() => string, () => string];

/** Previews a new cluster; no node may get a change. */
async function preview(inputs: object, olds: Record<string, unknown> = {}) {
  site.clearTraffic();
  site.log.clear();
  const { failures, outputs } = await checkAndPreview(spsCluster, olds, { ...inputs }, site.context());
  for (const node of site.lab.sps) assert.deepEqual(changesIn(node.traffic), []);
  const logins = site.lab.sps.map((node) => node.traffic.count("GET", "/api/authentication"));
  return { failures, steps: outputs.steps, warnings: site.log.of("warn"), logins };
}

/** A cluster of two nodes whose second one is reached otherwise. */
const withMember = (changes: Partial<ApplianceConnection>, more: object = {}) =>
  site.cluster({ members: [{ connection: site.sps(1, changes), ...more }] });

describe("SpsCluster preview of a new cluster", () => {
  afterEach(() => site.stop());

  it("proves all nodes with one login each and shows every step", async () => {
    site = await Site.start();
    assert.deepEqual(await preview(await site.cluster()), {
      failures: [],
      steps: stepsOfTwoNodes(A(), B()),
      warnings: [],
      logins: [1, 1],
    });
  });

  it("fails with the code of each node that cannot take part, and still proves the others", async () => {
    site = await Site.start();
    const faults: [changes: Partial<ApplianceConnection>, code: string, logins: number][] = [
      [{ password: "wrong-password" }, "SG1013", 1],
      [{ ca: undefined }, "SG1011", 0],
      [{ port: 1 }, "SG1010", 0],
    ];
    for (const [changes, code, logins] of faults) {
      const found = await preview(await withMember(changes));
      assert.deepEqual(
        found.failures.map(({ path, reason }) => [path, reason.slice(-8), reason.startsWith(`sps ${B()}: `)]),
        [["members[0].connection", `[${code}]`, true]],
      );
      assert.deepEqual([found.logins, found.warnings], [[1, logins], []]);
    }
    const both = await site.cluster({
      centralManagement: site.sps(0, { port: 1 }),
      members: [{ connection: site.sps(1), listenAddress: "10.9.9.9" }],
    });
    assert.deepEqual(
      (await preview(both)).failures.map(({ reason }) => reason.slice(-8)),
      ["[SG1010]", "[SG1205]"],
    );
  });

  it("fails when the firmware differs, and when an account lacks a right", async () => {
    const privileges = { clusterManagement: "read" } as const;
    site = await Site.start({ nodes: [{}, { firmwareVersion: "7.5.1", privileges }] });
    assert.deepEqual(
      (await preview(await site.cluster())).failures.map(({ reason }) => reason),
      [
        `sps ${B()}: check rights: user admin may not change /api/cluster; nothing was changed; give the user read and write/perform on Basic Settings > Cluster management [SG1014]`,
        `sps ${B()}: compare firmware: it runs 7.5.1, the Central Management node 8.0.0; upgrade all nodes to the same version first [SG1201]`,
      ],
    );
  });

  it("warns when the node has no backup policy, which a join requires", async () => {
    site = await Site.start({ spsCount: 1, sps: { hasSystemBackup: false } });
    const { failures, warnings } = await preview(await site.cluster());
    assert.deepEqual(
      [failures, warnings],
      [
        [],
        [
          `sps ${A()} has no system backup policy, which a join to SPP requires; set one at Basic Settings > Management > System backup`,
        ],
      ],
    );
  });

  it("shows only the steps that a half-built cluster still needs", async () => {
    site = await Site.start();
    const client = await SpsClient.open(site.sps(0), site.context());
    await (await planClusterInterface(client, A()))?.(10);
    await promote(client, 10);
    await client.close();
    const [, enableB, , roles, ...others] = stepsOfTwoNodes(A(), B());
    assert.deepEqual((await preview(await site.cluster())).steps, [enableB, roles, ...others]);
  });

  it("says that nothing is sent when the cluster exists, and creates it without a change", async () => {
    site = await Site.startWithCluster();
    const inputs = await site.cluster();
    const found = await preview(inputs);
    assert.deepEqual([found.failures, found.warnings], [[], []]);
    assert.deepEqual(found.steps, ["the cluster exists as declared: nothing is sent"]);
    await spsCluster.create(inputs, site.context());
    for (const node of site.lab.sps) assert.deepEqual(changesIn(node.traffic), []);
  });

  it("proves the known nodes while the credentials of another one are unknown", async () => {
    site = await Site.start();
    const inputs = await site.cluster();
    const members = [{ ...inputs.members[0], connection: { ...site.sps(1), password: UNKNOWN } }];
    const found = await preview({ ...inputs, members, centralManagement: site.sps(0, { password: "wrong" }) });
    assert.deepEqual(
      found.failures.map(({ path }) => path),
      ["centralManagement"],
    );
    assert.deepEqual(found.logins, [1, 0]);
    assert.ok(site.log.of("info").includes(`${B()} was not checked: its connection is known only during the update`));
  });

  it("only warns with preflight report, and asks no node with preflight off", async () => {
    site = await Site.start();
    const inputs = await withMember({ port: 1 });
    const reported = await preview({ ...inputs, preflight: "report" });
    assert.deepEqual([reported.failures, reported.warnings.length], [[], 1]);
    const skipped = await preview({ ...inputs, preflight: "off" });
    assert.deepEqual([skipped.failures, skipped.warnings, skipped.logins], [[], [], [0, 0]]);
  });
});

describe("SpsCluster creation before the promotion", () => {
  afterEach(() => site.stop());

  /** The failure of a creation that changed no node. */
  async function refusal(inputs: SpsClusterKnown): Promise<SafeguardError> {
    site.clearTraffic();
    const failure = await failureOf(spsCluster.create(inputs, site.context()), SafeguardError);
    for (const node of [...site.lab.sps, site.lab.spp]) {
      assert.deepEqual(
        changesIn(node.traffic).filter((change) => !/Login|RSTS|Logout/.test(change)),
        [],
      );
    }
    site.assertNoSecret(failure.message);
    return failure;
  }

  const acknowledge = () => ({ irreversible: true as const, sps: A(), spp: site.spp().address });

  it("changes nothing when the join that the program names would fail", async () => {
    site = await Site.start({ spsCount: 1 });
    const join = { spp: site.spp(), acknowledge: acknowledge() };
    const cases: [join: object, cause: RegExp][] = [
      [{ ...join, spp: site.spp({ password: "wrong" }) }, /user \S+ was refused; .* \[SG2001\]/],
      [{ spp: site.spp() }, /the join of \S+ to \S+ cannot be undone/],
      [{ ...join, onDelete: "drop" }, /Invalid value for onDelete: drop/],
    ];
    for (const [given, cause] of cases) {
      const failure = await refusal(await site.cluster({ proveFirst: { join: given as never } }));
      assert.equal(failure.code, "SG2119");
      assert.match(failure.message, cause);
      assert.match(
        failure.message,
        /; the node was not promoted; fix this, then run pulumi up again; nothing was sent/,
      );
    }
  });

  it("changes nothing when a router that the program names would be refused", async () => {
    site = await Site.start({ spsCount: 1 });
    const edge = { platform: "linux", router: { address: "127.0.0.1", password: "x", port: 1 }, redirections: [] };
    const failure = await refusal(await site.cluster({ proveFirst: { routers: { edge } as never } }));
    assert.equal(failure.code, "SG2119");
    assert.match(failure.message, /a later step would fail: edge: Invalid value for redirections/);
  });

  it("promotes after the join was proved, and records nothing of the later steps", async () => {
    site = await Site.start({ spsCount: 1 });
    const proveFirst = { join: { spp: site.spp(), acknowledge: acknowledge() } };
    const inputs = await site.cluster({ proveFirst });
    const { id, state } = await spsCluster.create(inputs, site.context());
    assert.equal("proveFirst" in state, false);
    assert.deepEqual(site.lab.sps[0].roles, ["central-management", "search-local"]);
    assert.ok(site.lab.spp.traffic.count("POST", /LoginResponse$/) === 1, "one login to SPP");
    assert.deepEqual(spsCluster.diff(id, state, inputs), []);
    site.clearTraffic();
    await spsCluster.create(inputs, site.context());
    assert.equal(site.lab.spp.traffic.requests.length, 0, "an existing cluster needs no proof");
  });
});
