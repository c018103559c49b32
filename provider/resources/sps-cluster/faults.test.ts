import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import type { Effect } from "../../../lab/common/traffic";
import type { LabOptions } from "../../../lab/lab";
import { inParallel } from "../../../tests/support/in-parallel";
import { changesIn, Site } from "../../../tests/support/site";
import { messageOf, PartialFailure } from "../../core/errors";
import { spsCluster } from "./operations";
import type { SpsClusterKnown, SpsClusterState } from "./schema";

const LAB: LabOptions = {
  speed: 300,
  spsCount: 3,
  nodes: [
    { extraNics: [{ nic: "nic3", address: "10.9.0.1/24" }] },
    { extraNics: [{ nic: "nic3", address: "10.9.0.2/24" }] },
  ],
};

const UUID = /[0-9a-f]{8}-[0-9a-f-]{27}/;

const FAULTS = ["cut-after", "500", "cancel"] as const;

/** How many changing requests there are to a disturbed one; 3 disturbs each of them once, which takes minutes. */
const STRIDE = Number(process.env.SAFEGUARD_FAULT_STRIDE ?? 9);

/** What the wanted cluster looks like, whatever happened on the way. */
const WANTED = [
  ["10.9.0.1", "central-management,search-master"],
  ["10.9.0.2", "managed-host,search-minion"],
];

interface Started {
  site: Site;
  id: string;
  state: SpsClusterState;
  inputs: SpsClusterKnown;
}

/** A cluster of two, and the inputs that move both, hand roles over and add a third. */
async function start(): Promise<Started> {
  const site = await Site.start(LAB);
  const timeouts = { stepSeconds: 20, synchronizationSeconds: 20 };
  const built = await spsCluster.create(
    await site.cluster({ members: [{ connection: site.sps(1) }], timeouts }),
    site.context(),
  );
  const members = [{ connection: site.sps(1), listenAddress: "10.9.0.2" }, { connection: site.sps(2) }];
  const inputs = await site.cluster({ listenAddress: "10.9.0.1", searchRole: "search-master", members, timeouts });
  site.clearTraffic();
  return { site, ...built, inputs };
}

/** A changing request of an undisturbed run: the n-th of its kind that a node gets. */
interface Point {
  node: number;
  request: string;
  nth: number;
}

/** Every changing request of an undisturbed run. */
async function pointsOf(): Promise<Point[]> {
  const { site, id, state, inputs } = await start();
  await spsCluster.update(id, state, inputs, site.context());
  const points = site.lab.sps.flatMap(({ traffic }, node) => {
    const requests = changesIn(traffic).map((request) => request.replace(UUID, "ID"));
    return requests.map((request, index) => {
      const nth = requests.slice(0, index + 1).filter((other) => other === request).length;
      return { node, request, nth };
    });
  });
  await site.stop();
  return points;
}

/** Updates until it is done, as repeated `pulumi up` would; tells what went wrong. */
async function updateWith(fault: (typeof FAULTS)[number], { node, request, nth }: Point): Promise<string | undefined> {
  const { site, id, state, inputs } = await start();
  try {
    const controller = new AbortController();
    const effects: Record<typeof fault, Effect> = {
      "cut-after": { kind: "cut-after" },
      "500": { kind: "status", status: 500 },
      cancel: { kind: "call", when: "before", run: () => controller.abort() },
    };
    const [method = "", path = ""] = request.split(" ");
    const find = { method, path: new RegExp(`^${path.replace("ID", UUID.source)}$`), nth };
    site.lab.sps[node]?.traffic.inject({ ...find, effect: effects[fault] });
    let recorded = state;
    for (let run = 1; run <= 3; run += 1) {
      const context = site.context(run === 1 ? controller.signal : undefined);
      const result = await spsCluster.update(id, recorded, inputs, context).catch((error: unknown) => error);
      assert.equal(site.openTransactions, 0, "a transaction is open");
      if (!(result instanceof Error)) {
        const { nodes } = (result as { state: SpsClusterState }).state;
        const found = nodes.map(({ address, roles }) => [address, roles.join()]);
        assert.deepEqual(found, [...WANTED, [site.sps(2).address, "managed-host,search-minion"]]);
        assert.ok(nodes.every(({ synchronized }) => synchronized));
        return undefined;
      }
      if (result instanceof PartialFailure) recorded = JSON.parse(JSON.stringify(result.state));
    }
    return "not done after three runs";
  } catch (error) {
    return messageOf(error);
  } finally {
    await site.stop();
  }
}

describe("SpsCluster changes under faults", function () {
  this.timeout(180_000);
  let all: Point[];

  before(async () => {
    all = await pointsOf();
  });

  for (const [offset, fault] of FAULTS.entries()) {
    it(`converges in at most three runs after ${fault} at one in ${STRIDE} changing requests`, async () => {
      assert.deepEqual(
        [0, 1, 2].map((n) => all.filter(({ node }) => node === n).length),
        [13, 3, 6],
      );
      const points = all.filter((_, index) => index % STRIDE === offset);
      const complaints = await inParallel(
        points.map((point) => async () => {
          const complaint = await updateWith(fault, point);
          return complaint === undefined
            ? []
            : [`node ${point.node + 1}, ${point.request} #${point.nth}: ${complaint}`];
        }),
        3,
      );
      assert.deepEqual(complaints.flat(), []);
    });
  }
});
