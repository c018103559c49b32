import { AddressBook } from "../../common/address-book";
import { LabCertificateAuthority } from "../../common/certificates";
import { LabClock } from "../../common/clock";
import { FaultSwitches } from "../../common/faults";
import { SimulatedSps, type SpsOptions } from "../simulated-sps";
import { TestClient } from "./test-client";

/** The surroundings of one test: clock, faults, authority, address book, and the appliances that it starts. */
export class TestBench {
  readonly faults = new FaultSwitches();
  readonly addressBook = new AddressBook();
  private readonly ends: (() => Promise<unknown>)[] = [];
  private count = 0;

  private constructor(
    readonly clock: LabClock,
    readonly authority: LabCertificateAuthority,
  ) {}

  /** @param speed speed of the clock relative to real time. Default 100. */
  static async create(speed = 100): Promise<TestBench> {
    return new TestBench(new LabClock(speed), await LabCertificateAuthority.create("lab"));
  }

  /** Starts an appliance on its own loopback address, with password `s3cret`. */
  async startSps(options: Partial<SpsOptions> = {}): Promise<{ sps: SimulatedSps; client: TestClient }> {
    this.count += 1;
    const sps = await SimulatedSps.start({
      clock: this.clock,
      faults: this.faults,
      authority: this.authority,
      addressBook: this.addressBook,
      address: `127.0.61.${10 + this.count}`,
      port: 0,
      hostName: `sps${this.count}.lab.example`,
      password: "s3cret",
      ...options,
    });
    const client = this.clientOf(sps);
    this.addCleanup(() => sps.stop());
    return { sps, client };
  }

  clientOf(sps: SimulatedSps, credentials?: { username: string; password: string }): TestClient {
    const client = new TestClient(sps, credentials);
    this.addCleanup(() => client.close());
    return client;
  }

  /** Adds a function to run at the end of the test, in reverse order. */
  addCleanup(work: () => Promise<unknown>): void {
    this.ends.unshift(work);
  }

  async stop(): Promise<void> {
    this.clock.stop();
    for (const end of this.ends.splice(0)) await end();
  }

  /** Polls a condition every 5 ms. @throws Error after 10 s. */
  async waitUntil(description: string, condition: () => boolean | Promise<boolean>): Promise<void> {
    const limit = Date.now() + 10_000;
    while (Date.now() < limit) {
      if (await condition()) return;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    throw new Error(`${description}: not within 10 s`);
  }

  /** Starts a cluster of a Central Management node and a managed host, both with role search-local. */
  async startCluster(options: Partial<SpsOptions> = {}) {
    const central = await this.startSps(options);
    const member = await this.startSps(options);
    await central.client.promote();
    await member.client.enableClusterInterface();
    await this.addMember(central, member);
    const { nodeId, clusterAddress } = member.sps;
    await central.client.setRoles(nodeId, clusterAddress, ["managed-host", "search-local"]);
    return { central, member };
  }

  /** Waits until a managed host is synchronized. */
  waitUntilSynchronized(central: { client: TestClient }, member: { sps: SimulatedSps }): Promise<void> {
    const isSynchronized = async () =>
      (await central.client.nodeStatus(member.sps.nodeId)).sync_status === "up-to-date";
    return this.waitUntil("member synchronized", isSynchronized);
  }

  /** Adds a node to a cluster as documented. Both clients are logged in before and after. */
  async addMember(central: { sps: SimulatedSps; client: TestClient }, member: { client: TestClient }): Promise<void> {
    const asked = await member.client.expect(
      200,
      member.client.post("/api/cluster/join_request", { central_management_address: central.sps.clusterAddress }),
    );
    const request = asked.body.body;
    if (request === null || typeof request !== "object" || Array.isArray(request))
      throw new Error("the response has no join request");
    await central.client.expect(201, central.client.post("/api/cluster/nodes", request));
    await central.client.expect(200, central.client.commit());
    await member.client.expect(200, member.client.commit());
    await central.client.logIn();
    await member.client.logIn();
  }
}
