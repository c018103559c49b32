import { setTimeout as pause } from "node:timers/promises";
import type { IssuedCertificate } from "../../lab/common/certificates";
import type { SppOptions } from "../../lab/spp/options";
import { SimulatedSpp } from "../../lab/spp/simulated-spp";
import type { SimulatedSps, SpsOptions } from "../../lab/sps/simulated-sps";
import { TestBench } from "../../lab/sps/testing/test-bench";
import type { TestClient } from "../../lab/sps/testing/test-client";
import type { Privileges } from "../../lab/sps/web/privileges";
import type { ApplianceConnection } from "../../provider/core/connection";
import { operationContext } from "../../provider/core/context";
import type { PreflightOrder } from "../../provider/join/preflight/order";
import { SppClient } from "../../provider/spp/client";

/** Passwords of the pair's accounts; the first is the lab bench's own. */
export const SPS_PASSWORD = "s3cret";
export const SPP_PASSWORD = "correct horse battery";
export const SPP_ADDRESS = "127.0.60.5";
const SPP_USER = "safeguard-join";

/** What deviates from a healthy pair: one promoted node with a local search role, and an SPP of the same version. */
export interface PairOptions {
  sps?: Partial<SpsOptions>;
  spp?: Partial<SppOptions>;
  /** How many managed hosts stand beside the Central Management node. Default 0. */
  members?: number;
  /** Whether the first node is made the Central Management node. Default true. */
  isPromoted?: boolean;
  /** Search role of the Central Management node. Default `search-local`. */
  searchRole?: string;
  /** Roles of each member. Default `managed-host` and `search-local`. */
  memberRoles?: string[];
  /** How many times faster than the wall clock the appliances' time runs. Default 100. */
  speed?: number;
}

interface Node {
  sps: SimulatedSps;
  client: TestClient;
}

/** An SPS cluster and an SPP of the lab, side by side on loopback addresses, for one preflight after another. */
export class LabPair {
  private constructor(
    readonly bench: TestBench,
    readonly nodes: [Node, ...Node[]],
    readonly spp: SimulatedSpp,
    private readonly privileges: Privileges,
  ) {}

  static async start(options: PairOptions = {}): Promise<LabPair> {
    const bench = await TestBench.create(options.speed ?? 100);
    try {
      const { clock, faults, authority, addressBook } = bench;
      const spp = await SimulatedSpp.start({
        ...{ clock, faults, authority, addressBook },
        ...{ address: SPP_ADDRESS, port: 0, hostName: "spp.lab.example", username: SPP_USER, password: SPP_PASSWORD },
        ...options.spp,
      });
      bench.addCleanup(() => spp.stop());
      // Kept at hand, because a cluster can only be made by an account that may.
      const privileges: Privileges = { ...options.sps?.privileges };
      const central = await bench.startSps({ ...options.sps, privileges });
      const pair = new LabPair(bench, [central], spp, privileges);
      if (options.isPromoted ?? true) await central.client.promote(options.searchRole);
      for (let index = 0; index < (options.members ?? 0); index += 1) await pair.addMember(options);
      if (options.members) await pair.untilSynchronized();
      return pair;
    } catch (error) {
      await bench.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    await this.bench.stop();
  }

  get central(): Node {
    return this.nodes[0];
  }

  /** An order for the pair with everything right; connections may be changed. */
  order(changes: { sps?: Partial<ApplianceConnection>; spp?: Partial<ApplianceConnection> } = {}): PreflightOrder {
    const ca = this.bench.authority.certificatePem;
    const common = { ca, certificateSha256: undefined, insecureSkipVerify: false };
    const { endpoint } = this.central.sps;
    const { options } = this.spp.context;
    const sps = { ...common, ...endpoint, username: "admin", password: SPS_PASSWORD, ...changes.sps };
    const spp = {
      ...common,
      ...{ address: options.address, port: this.spp.port, username: options.username, password: SPP_PASSWORD },
      ...changes.spp,
    };
    return {
      sps: { address: sps.address, connection: sps },
      spp: { address: spp.address, connection: spp },
    };
  }

  /** Trust for a certificate whatever it says. */
  static pin(certificate: IssuedCertificate): Partial<ApplianceConnection> {
    return { ca: undefined, certificateSha256: certificate.sha256 };
  }

  /** Lets SPS ask SPP to be joined, as the product does, and returns as soon as SPS has answered. */
  async beginJoin(spp = this.spp): Promise<void> {
    const { address } = spp.context.options;
    const connection = this.order({ spp: { address, port: spp.port, password: SPP_PASSWORD } }).spp.connection;
    const client = await SppClient.open(connection as ApplianceConnection, operationContext());
    const body = { spp: address, spp_api_token: client.userToken, spp_cert_chain: spp.certificate.chainPem };
    await this.central.client.expect(200, this.central.client.post("/api/cluster/spp", body));
    await client.close();
  }

  /** A whole join, until both sides are done. */
  async join(spp = this.spp): Promise<void> {
    await this.beginJoin(spp);
    await this.until("the join is complete", () => this.central.sps.joined?.phase === "complete");
  }

  /** Age of SPP's first entry by the clock of the lab, in seconds; 0 without an entry. */
  get ageSeconds(): number {
    const created = this.spp.sessionModules[0]?.CreatedDate;
    return created === undefined ? 0 : (this.bench.clock.now().getTime() - Date.parse(created)) / 1000;
  }

  /** Takes rights away from the account of SPS, for all that follows. */
  limitPrivileges(privileges: Privileges): void {
    Object.assign(this.privileges, privileges);
  }

  /** Looks every 5 ms, for 20 s at most. */
  async until(what: string, isSo: () => boolean): Promise<void> {
    for (const limit = Date.now() + 20_000; Date.now() < limit; await pause(5)) if (isSo()) return;
    throw new Error(`not within 20 s: ${what}`);
  }

  private async addMember({ sps, memberRoles = ["managed-host", "search-local"] }: PairOptions): Promise<void> {
    const member = await this.bench.startSps(sps);
    await member.client.enableClusterInterface();
    await this.bench.addMember(this.central, member);
    if (memberRoles.length > 0) {
      await this.central.client.setRoles(member.sps.nodeId, member.sps.clusterAddress, memberRoles);
    }
    this.nodes.push(member);
  }

  /** Looks at the status of the cluster until every member is in sync; for 20 s at most. */
  async untilSynchronized(): Promise<void> {
    const isDone = (status: string) => ["n/a", "up-to-date"].includes(status.toLowerCase().replace(/[ _]/g, "-"));
    await this.untilItems("in sync", (items) => items.every((item) => isDone(String(item.sync_status))));
  }

  /** Looks at the status of the cluster's nodes until some node's is as wanted; for 20 s at most. */
  async untilItem(isSo: (item: Record<string, unknown>) => boolean): Promise<void> {
    await this.untilItems("a node's status as wanted", (items) => items.some(isSo));
  }

  private async untilItems(what: string, isSo: (items: Record<string, unknown>[]) => boolean): Promise<void> {
    let items: Record<string, unknown>[] = [];
    for (const limit = Date.now() + 20_000; Date.now() < limit; await pause(20)) {
      const { body } = await this.central.client.get("/api/cluster/status");
      items = body.items as Record<string, unknown>[];
      if (isSo(items)) return;
    }
    throw new Error(`not within 20 s: ${what}; last: ${JSON.stringify(items)}`);
  }
}
