import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { sppJoin } from "../../provider/resources/spp-join/operations";
import type { SppJoinState } from "../../provider/resources/spp-join/schema";
import { spsCluster } from "../../provider/resources/sps-cluster/operations";
import type { SpsClusterState } from "../../provider/resources/sps-cluster/schema";
import { inParallel } from "../support/in-parallel";
import type { Site } from "../support/site";
import {
  FAULTS,
  type Fault,
  type Outcome,
  runWith,
  type Subject,
  sample,
  type Target,
  tableOf,
  targetsOf,
} from "./sweep";

/** Offset of the sample of reads; another value tests other reads. */
const SEED = Number(process.env.SAFEGUARD_FAULT_SEED ?? 0);

/** Tests every n-th read; 1 tests all, which takes minutes. Default: the strides at the end of this file. */
const STRIDE = Number(process.env.SAFEGUARD_FAULT_STRIDE ?? 0);

const ROLES = [
  ["central-management", "search-local"],
  ["managed-host", "search-local"],
];

const cluster: Subject<SpsClusterState> = {
  // Faster, a pause of a busy machine would make the members' reports older than the minute that they count.
  lab: { speed: 40 },
  prepare: async () => undefined,
  create: async (site, context) => spsCluster.create(await clusterInputs(site), context),
  update: async (site, id, state, context) => spsCluster.update(id, state, await clusterInputs(site), context),
  verify: (site, state) => {
    assert.deepEqual(
      site.lab.sps.map((node) => node.roles),
      ROLES,
    );
    assert.deepEqual(
      state.nodes.map(({ roles }) => roles),
      ROLES,
    );
    assert.ok(state.nodes.every(({ synchronized }) => synchronized));
    assert.equal(state.clusterId, site.lab.sps[0].nodeId);
  },
};

const join: Subject<SppJoinState> = {
  lab: { speed: 100, spsCount: 1 },
  prepare: async (site) => {
    await spsCluster.create(await site.cluster(), site.context());
  },
  create: async (site, context) => sppJoin.create(await joinInputs(site), context),
  update: async (site, id, state, context) => sppJoin.update(id, state, await joinInputs(site), context),
  verify: (site, state) => {
    assert.deepEqual([state.health, state.policies.length], ["joined", 7]);
    const { requests } = site.lab.spp.traffic;
    const made = requests.filter(({ method, path }) => method === "POST" && path.endsWith("v3/Cluster/SessionModules"));
    // A cancelled run logs out, so SPS refuses its requests that are still in progress.
    const accepted = made.filter(({ status }) => status !== 401);
    assert.deepEqual(
      accepted.map(({ status }) => status),
      [200],
      "SPP accepted one join request of SPS",
    );
    const [row, ...others] = site.lab.spp.sessionModules;
    assert.deepEqual([row?.Trusted, row?.NodeId, others], [true, site.lab.sps[0].nodeId, []]);
  },
};

const clusterInputs = (site: Site) => site.cluster({ timeouts: { stepSeconds: 20, synchronizationSeconds: 20 } });
/** `trustSeconds` also limits the wait for SPP's entry after a lost answer. */
const joinInputs = (site: Site) => site.join({ timeouts: { trustSeconds: 330 } });

function sweep<State>(name: string, subject: Subject<State>, stride: number): void {
  describe(`${name} with a fault at each change and at one of ${stride} reads`, function () {
    this.timeout(600_000);
    let targets: Target[];
    const outcomes: Outcome[] = [];

    before(async () => {
      targets = sample(await targetsOf(subject), stride, SEED);
    });
    after(() => {
      const lines = tableOf(outcomes).split("\n");
      console.log(lines.map((line) => `      ${line}`).join("\n"));
    });

    for (const fault of FAULTS) {
      it(`${name} succeeds within three runs after ${fault}`, async () => {
        const results = await inParallel(
          casesOf(fault, targets).map((target) => () => runWith(subject, target, fault)),
          4,
        );
        outcomes.push(...results);
        assert.ok(results.length > 0);
        const complaints = results.filter(({ complaint }) => complaint !== undefined);
        assert.deepEqual(
          complaints.map(({ target, attempts, complaint }) => [
            `${target.appliance} ${target.request} #${target.find.nth}`,
            attempts.join(", "),
            complaint,
          ]),
          [],
        );
      });
    }
  });
}

/** Reads get two faults only: losing the answer of a read is like losing its request, and a cancel matters to changes. */
function casesOf(fault: Fault, targets: readonly Target[]): Target[] {
  const isForReads = fault === "cut-before" || fault === "503 once";
  return targets.filter(({ isChange }) => isChange || isForReads);
}

sweep("A cluster of two nodes", cluster, STRIDE || 30);
sweep("A join", join, STRIDE || 90);
