import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import type { LabOptions } from "../../../lab/lab";
import { type SpsVariant, variantOf } from "../../../lab/sps/variant";
import { inParallel } from "../../../tests/support/in-parallel";
import { changesIn, Site } from "../../../tests/support/site";
import { sppJoin } from "../spp-join/operations";
import { spsCluster } from "./operations";

/** Every value of every switch: what the vendor's documents contradict each other in, or leave open. */
const VALUES: { [Name in keyof SpsVariant]: readonly SpsVariant[Name][] } = {
  listItems: ["with-body", "key-only"],
  nodeItems: ["with-body", "key-only"],
  pluginInstanceItems: ["as-list", "with-name"],
  transactionShape: ["body", "top-level"],
  transactionOpening: ["implicit", "explicit"],
  writers: ["parallel", "exclusive"],
  lockStatus: [400, 409, 423, 503],
  openTwice: ["idempotent", "refused"],
  commitConflict: ["refused", "last-writer-wins"],
  emptyChanges: ["absent", "empty-list"],
  putStatus: [200, 201],
  actionStatus: [200, 201],
  nodesBeforePromotion: ["empty", "error"],
  statusBeforePromotion: [400, 404, 500],
  duplicateNode: ["refused", "replaced"],
  joinRequestTwice: ["replaced", "refused"],
  syncStatusSpelling: ["kebab", "spaces", "upper-snake", "upper-kebab"],
  clusterCommitSession: ["ended", "kept"],
  clusterCommitOutageSeconds: [0, 60],
  browserToken: ["required", "ignored"],
  browserTokenField: ["user.token", "token", "body.token"],
  sppRead: [200, 404, 405],
  joinFailedStatus: [400, 502],
  joinAnswerStatus: [200, 201, 202, 204],
  joinWithOpenTransaction: ["refused", "accepted"],
  loginChallenge: ["every-401", "login-only"],
  loginDiscovery: ["login_methods", "types"],
  loginMethodItems: ["objects", "texts"],
  staleCookieOnInfo: ["refused", "anonymous"],
  newerEndpoints: [true, false],
  mssql: [true, false],
  protocolOptions: ["with-audit", "without-audit"],
  bundleSecondStart: ["refused", "running-job"],
  backupPolicyReference: ["object", "key"],
  disabledListenAddress: ["null", "absent"],
};

const VERSIONS = ["6.0.12", "6.9.5", "7.0.5", "7.5.1", "8.0.0"];

/** How many labs run side by side: they mostly wait. */
const AT_ONCE = 3;

interface Outcome {
  promotions: number;
  joins: number;
  openTransactions: number;
  /** Changing requests of a second creation of cluster and join. */
  changesOfSecond: string[];
  roles: string[][];
  health: string;
}

async function build(options: LabOptions): Promise<Outcome> {
  const site = await Site.start(options);
  try {
    const [central] = site.lab.sps;
    const cluster = await site.cluster();
    const { state } = await spsCluster.create(cluster, site.context());
    const join = await site.join();
    const joined = await sppJoin.create(join, site.context());
    const counts = {
      promotions: central.traffic.count("POST", "/api/cluster/promote"),
      joins: central.traffic.count("POST", "/api/cluster/spp"),
    };
    site.clearTraffic();
    await spsCluster.create(cluster, site.context());
    await sppJoin.create(join, site.context());
    return {
      ...counts,
      openTransactions: site.openTransactions,
      changesOfSecond: site.lab.sps.flatMap((node) => changesIn(node.traffic)),
      roles: state.nodes.map((node) => node.roles),
      health: joined.state.health,
    };
  } finally {
    await site.stop();
  }
}

describe("cluster and join on every SPS variant", function () {
  this.timeout(180_000);
  const defaults = variantOf("8.0.0");
  const cases: [string, LabOptions][] = [
    ...VERSIONS.map((firmwareVersion): [string, LabOptions] => [
      `with firmware ${firmwareVersion}`,
      { sps: { firmwareVersion } },
    ]),
    ...(Object.keys(VALUES) as (keyof SpsVariant)[]).flatMap((name) =>
      VALUES[name]
        .filter((value) => value !== defaults[name])
        .map((value): [string, LabOptions] => [`with ${name} ${value}`, { sps: { variant: { [name]: value } } }]),
    ),
  ];
  /** What came of each case: its outcome, or why there is none. */
  const outcomes = new Map<string, Outcome | Error>();

  before(async () => {
    const tasks = cases.map(([name, options]) => async () => {
      outcomes.set(name, await build(options).catch((error: Error) => error));
    });
    await inParallel(tasks, AT_ONCE);
  });

  for (const [name] of cases) {
    it(`builds cluster and join ${name}, each step once`, () => {
      assert.deepEqual(outcomes.get(name), {
        promotions: 1,
        joins: 1,
        openTransactions: 0,
        changesOfSecond: [],
        roles: [
          ["central-management", "search-local"],
          ["managed-host", "search-local"],
        ],
        health: "joined",
      } satisfies Outcome);
    });
  }
});
