import assert from "node:assert/strict";
import type { SimulatedSps, SpsOptions } from "../simulated-sps";
import type { JsonObject } from "../state/json";
import { withTestBench } from "./hooks";
import { StubSpp } from "./stub-spp";
import type { TestBench } from "./test-bench";
import { at, type Reply, type TestClient } from "./test-client";

/** Address of the stub of SPP. */
export const SPP = "127.0.62.1";

/** A test bench with a stub of SPP, for tests of the join. */
export class JoinSite {
  private constructor(
    readonly bench: TestBench,
    /** The running stub. */
    public spp: StubSpp,
  ) {}

  static async start(bench: TestBench): Promise<JoinSite> {
    return new JoinSite(bench, await startSpp(bench));
  }

  /** Replaces the stub by one with other addresses in its certificate. */
  async restartSpp(ipAddresses: string[]): Promise<void> {
    await this.spp.stop();
    this.spp = await startSpp(this.bench, ipAddresses);
  }

  /** Starts an SPS appliance and promotes it to Central Management node. */
  async startPromoted(options: Partial<SpsOptions> = {}): Promise<{ sps: SimulatedSps; client: TestClient }> {
    const node = await this.bench.startSps(options);
    await node.client.promote();
    return node;
  }

  /** Requests a join to the stub. */
  join(client: TestClient, changes: JsonObject = {}): Promise<Reply> {
    const body = { spp: SPP, spp_api_token: "token-1", spp_cert_chain: this.spp.certificate.chainPem, ...changes };
    return client.post("/api/cluster/spp", body);
  }
}

/** Starts a site before each test of the suite and stops it after the test. */
export function withJoinSite(assign: (site: JoinSite) => void): void {
  withTestBench(async (bench) => assign(await JoinSite.start(bench)));
}

/** The details of a failed join. */
export function joinFailure(reply: Reply): JsonObject {
  assert.equal(at(reply.body, "error").type, "JoinFailed", reply.bytes.toString("utf8"));
  return at(reply.body, "error", "details");
}

/** The lists that contain an object named safeguard_default, once for each object. */
export function safeguardDefaults(sps: SimulatedSps): string[] {
  const lists = ["plugins/aa", "plugins/credentialstore", "policies/aa_plugin_instances", "policies/credentialstores"];
  const protocols = ["ssh", "rdp"].flatMap((name) =>
    ["connections", "channel_policies", "authentication_policies"].map((kind) => `${name}/${kind}`),
  );
  return [...lists, ...protocols].flatMap((path) =>
    [...sps.objects(`/api/configuration/${path}`).values()]
      .filter(({ name }) => String(name).includes("safeguard_default"))
      .map(() => path),
  );
}

async function startSpp(bench: TestBench, ipAddresses = [SPP]): Promise<StubSpp> {
  const started = await StubSpp.start(bench.authority, { address: SPP, ipAddresses });
  for (const name of [SPP, "spp.lab.example"]) bench.addressBook.add(name, { address: SPP, port: started.port });
  bench.addCleanup(() => started.stop());
  return started;
}
