import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { ApplianceDescription } from "../../lab/common/description";
import type { Traffic } from "../../lab/common/traffic";
import { Lab, type LabOptions } from "../../lab/lab";
import type { ApplianceConnection, SppConnection } from "../../provider/core/connection";
import { type OperationContext, operationContext } from "../../provider/core/context";
import { sppJoin } from "../../provider/resources/spp-join/operations";
import type { SppJoinInputs, SppJoinKnown } from "../../provider/resources/spp-join/schema";
import { spsCluster } from "../../provider/resources/sps-cluster/operations";
import type { SpsClusterInputs, SpsClusterKnown } from "../../provider/resources/sps-cluster/schema";
import { RecordingLog } from "./recording-log";

let started = 0;
let starting: Promise<unknown> = Promise.resolve();

/** Without preflight and backups, which have their own tests, so that other tests count only the join's requests. */
const WITHOUT_EXTRAS = { preflight: "off", backups: { spp: "skip", sps: "skip" } } as const;

/** A lab without a routed network, with connections, checked inputs and contexts for tests of operations. */
export class Site {
  readonly log = new RecordingLog();

  private constructor(
    readonly lab: Lab,
    private readonly ca: string,
  ) {}

  /** Starts a lab. Labs try addresses until one is free, so they start one after another. */
  static start(options: Omit<LabOptions, "name" | "network"> = {}): Promise<Site> {
    const mine = starting.then(() => Site.startNow(options));
    starting = mine.catch(() => undefined);
    return mine;
  }

  /** Tries again when another process took the same free address in the meantime. */
  private static async startNow(options: LabOptions): Promise<Site> {
    for (let attempt = 1; ; attempt += 1) {
      started += 1;
      try {
        const name = `t-${process.pid}-${started}`;
        const lab = await Lab.start({ speed: 100, ...options, name, network: false });
        return new Site(lab, readFileSync(lab.description.ca.file, "utf8"));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE" || attempt === 3) throw error;
      }
    }
  }

  /** The same with a cluster of all nodes, and without recorded traffic. */
  static async startWithCluster(options: Parameters<typeof Site.start>[0] = {}): Promise<Site> {
    const site = await Site.start(options);
    await spsCluster.create(await site.cluster(), site.context());
    site.clearTraffic();
    return site;
  }

  /** Stops the lab. Fails when a logged line contains a secret. */
  async stop(): Promise<void> {
    await this.lab.stop();
    this.assertNoSecret(...this.log.all);
  }

  /** A context that records what is logged. */
  context(signal?: AbortSignal): OperationContext {
    return operationContext({ log: this.log, signal, settings: { detail: "all" } });
  }

  /** Connection to the n-th SPS node, from 0. */
  sps(n: number, changes: Partial<ApplianceConnection> = {}): ApplianceConnection {
    const description = this.lab.description.sps[n];
    assert.ok(description, `the lab has no SPS node ${n}`);
    return { ...this.connection(description), ...changes };
  }

  spp(changes: Partial<SppConnection> = {}): SppConnection {
    return { ...this.connection(this.lab.description.spp), ...changes };
  }

  /** Checked inputs of a cluster of all nodes of the lab; `changes` replace inputs of the program. */
  async cluster(changes: Partial<SpsClusterInputs> = {}): Promise<SpsClusterKnown> {
    const [, ...members] = this.lab.sps.map((_, n) => ({ connection: this.sps(n) }));
    return checked(spsCluster.check({ centralManagement: this.sps(0), members, ...changes }, this.context()));
  }

  /** Checked inputs of the acknowledged join of the first node to SPP, by default without preflight and backups. */
  async join(changes: Partial<SppJoinInputs> = {}): Promise<SppJoinKnown> {
    const { sps = this.sps(0), spp = this.spp() } = changes;
    const acknowledge = { irreversible: true as const, sps: sps.address, spp: spp.address };
    return checked(sppJoin.check({ sps, spp, acknowledge, ...WITHOUT_EXTRAS, ...changes }, this.context()));
  }

  /** How many transactions are open on all nodes together. */
  get openTransactions(): number {
    return this.lab.sps.reduce((sum, node) => sum + node.openTransactions, 0);
  }

  /** Clears the recorded traffic and all pending injections. */
  clearTraffic(): void {
    for (const { traffic } of [...this.lab.sps, this.lab.spp]) {
      traffic.requests.length = 0;
      traffic.clearInjections();
    }
  }

  /** Fails when a text contains a password of the lab, or anything like a token, a cookie, a private or pre-shared key. */
  assertNoSecret(...texts: string[]): void {
    const { sps, spp } = this.lab.description;
    const known = [...sps, spp].flatMap(({ username, password }) => [
      password,
      Buffer.from(`${username}:${password}`).toString("base64"),
    ]);
    for (const text of texts) {
      assert.ok(!known.some((secret) => text.includes(secret)), `a password in: ${text}`);
      assert.doesNotMatch(text, /eyJ[\w-]{8,}\.|session_id=|\b[0-9a-f]{64}\b|BEGIN [A-Z ]*PRIVATE KEY/);
    }
  }

  private connection(description: ApplianceDescription): ApplianceConnection {
    const { address, port, username, password } = description;
    return { address, port, username, password, ca: this.ca, insecureSkipVerify: false };
  }
}

/** Every changing request, in order, for example `POST /api/cluster/promote`. */
export function changesIn(traffic: Traffic): string[] {
  return traffic.requests.filter(({ method }) => method !== "GET").map(({ method, path }) => `${method} ${path}`);
}

function checked<T>(result: { inputs: Record<string, unknown>; failures: { reason: string }[] }): T {
  assert.deepEqual(
    result.failures.map(({ reason }) => reason),
    [],
  );
  return result.inputs as T;
}
