import assert from "node:assert/strict";
import type { RequestRecord } from "../../lab/common/traffic";
import { Lab } from "../../lab/lab";
import { connectionOf } from "../../tests/contract/appliances";
import type { Properties } from "../../tests/contract/provider";
import { DynamicProcess } from "./dynamic-process";
import { HostProcess, type ProviderProcess } from "./host-process";
import { type Appliances, nameOf, type Point, type Position, pointOf } from "./points";
import { type Program, RecordedStack } from "./recorded-stack";

/** A minute of the appliances takes 0.6 s. What expires after minutes, such as a session, still outlives a run. */
const SPEED = 100;

/** Below the time limit of a gRPC call, so that a wait ends with the product's own message. */
const LIMIT_SECONDS = 40;

/** What runs the provider: Pulumi's process for dynamic providers, or a process that calls the package in the same way. */
export type Front = "dynamic provider" | "host";
const STARTS = { "dynamic provider": DynamicProcess.start, host: HostProcess.start };

let started = 0;
let starting: Promise<unknown> = Promise.resolve();

const JOIN = "/api/cluster/spp";
const ROLES = [
  ["central-management", "search-local"],
  ["managed-host", "search-local"],
];

/** A lab with two SPS nodes and SPP, and a stack whose program creates their cluster and join. */
export class CrashSite {
  readonly stack: RecordedStack;
  readonly appliances: readonly Appliances[];
  /** Requests of a provider that was killed before it could send them. */
  private readonly unsent = new Set<RequestRecord>();

  private constructor(
    readonly lab: Lab,
    front: Front,
  ) {
    this.stack = new RecordedStack(programOf(lab), STARTS[front]);
    const nodes = lab.sps.map(({ traffic }, index) => ({ name: `sps${index + 1}`, traffic }));
    this.appliances = [...nodes, { name: "spp", traffic: lab.spp.traffic }];
  }

  /** Labs try addresses until one is free, so they start one after another. */
  static start(front: Front): Promise<CrashSite> {
    started += 1;
    const name = `crash-${process.pid}-${started}`;
    const mine = starting.then(() => Lab.start({ name, speed: SPEED, network: false, spp: { openAccessRequests: 0 } }));
    starting = mine.catch(() => undefined);
    return mine.then((lab) => new CrashSite(lab, front));
  }

  stop(): Promise<void> {
    return this.lab.stop();
  }

  /**
   * Runs one `up` and kills its provider at a point.
   * @returns whether the run reached the point
   */
  async upKilledAt(point: Point, position: Position): Promise<boolean> {
    let provider: ProviderProcess | undefined;
    const kill = this.arrangeKill(point, position, async () => provider?.kill());
    try {
      await this.stack.up((started) => {
        provider = started;
      });
    } catch (error) {
      if (!kill.isMet) throw error;
    } finally {
      kill.end();
    }
    return kill.isMet;
  }

  /** Calls `kill` when a run reaches a point. `end` cancels that. */
  arrangeKill(point: Point, position: Position, kill: () => unknown): { readonly isMet: boolean; end(): void } {
    const found = this.appliances.find(({ name }) => name === point.appliance);
    assert.ok(found, `there is no appliance ${point.appliance}`);
    const { traffic } = found;
    const wanted = nameOf(point);
    let isMet = false;
    const run = async (record: RequestRecord) => {
      isMet = true;
      if (position === "before send") this.unsent.add(record);
      await kill();
    };
    const common = {
      method: point.method,
      matches: (record: RequestRecord) => nameOf(pointOf(found.name, traffic.requests, record)) === wanted,
    };
    const when = ({ "before send": "before", "before answer": "after", "after answer": "answered" } as const)[position];
    traffic.inject({ ...common, effect: { kind: "call", when, run } });
    if (position === "before send") traffic.inject({ ...common, effect: { kind: "cut-before" } });
    return {
      get isMet() {
        return isMet;
      },
      end: () => traffic.clearInjections(),
    };
  }

  /** Join requests on the wire: those to SPS or those from SPS to SPP, whichever are more. */
  get joinPosts(): number {
    const [central] = this.lab.sps;
    const asked = central.traffic.requests.filter(
      (record) => record.method === "POST" && record.path === JOIN && !this.unsent.has(record),
    );
    return Math.max(asked.length, this.lab.spp.traffic.count("POST", /v3\/Cluster\/SessionModules$/));
  }

  /** @throws AssertionError when the cluster, the join or their recorded state differ from the program */
  verify(): void {
    this.verifyAppliances();
    const [central] = this.lab.sps;
    assert.equal(this.stack.outputs("SpsCluster")?.clusterId, central.nodeId, "the recorded cluster");
    const join = this.stack.outputs("SppJoin");
    assert.deepEqual([join?.health, join?.nodeId], ["joined", central.nodeId], "the recorded join");
  }

  /** @throws AssertionError when the cluster or the join differ from the program on any appliance */
  verifyAppliances(): void {
    const { sps, spp } = this.lab;
    assert.deepEqual(
      sps.map(({ roles }) => roles),
      ROLES,
      "the roles that the nodes know",
    );
    assert.deepEqual(
      sps.map(({ nodes }) => nodes.length),
      [2, 2],
      "the number of nodes that each node knows",
    );
    const [row, ...others] = spp.sessionModules;
    assert.deepEqual([row?.NodeId, row?.Trusted, others.length], [sps[0].nodeId, true, 0], "the entry on SPP");
    assert.equal(sps[0].joined?.phase, "complete", "the join phase of SPS");
    assert.equal(this.joinPosts, 1, "join requests");
  }
}

function programOf(lab: Lab): Program {
  const { sps, spp } = lab.description;
  const [central, member] = sps;
  assert.ok(central && member);
  const acknowledge: Properties = { irreversible: true, sps: central.address, spp: spp.address };
  return {
    cluster: {
      centralManagement: connectionOf(central),
      members: [{ connection: connectionOf(member) }],
      timeouts: { stepSeconds: LIMIT_SECONDS, synchronizationSeconds: LIMIT_SECONDS },
    },
    join: { sps: connectionOf(central), spp: connectionOf(spp), acknowledge },
  };
}
