import type { Endpoint } from "../common/address-book";
import type { IssuedCertificate } from "../common/certificates";
import type { SpsDescription } from "../common/description";
import { Traffic } from "../common/traffic";
import type { Appliance } from "./appliance";
import { assemble } from "./assemble";
import { ClusterFabric, type ClusterPeer, type NodeIssues } from "./cluster/fabric";
import { clusterListenAddress } from "./cluster/listen-address";
import { type ClusterNode, nodeOf, nodesOf } from "./cluster/roles";
import type { JoinState } from "./join/spp-join";
import { listen } from "./listen";
import { nicAddressesOf, type SpsOptions } from "./options";
import type { JsonObject } from "./state/json";
import { SYSTEM_BACKUP } from "./state/schema";
import { newKey } from "./state/seed";
import type { SpsVariant } from "./variant";

export type { SpsOptions } from "./options";
export type { SpsVariant } from "./variant";

/** A description of the appliance without the file that its authority's certificate is written to. */
export type SpsDescriptionData = Omit<SpsDescription, "caFile">;

/** A stand-in for Safeguard for Privileged Sessions: its REST API over TLS, its clustering and its join to SPP. */
export class SimulatedSps implements ClusterPeer {
  private constructor(
    private readonly options: SpsOptions,
    private readonly appliance: Appliance,
    private readonly fabric: ClusterFabric,
    private readonly close: () => Promise<void>,
    /** What its web server proves itself with. */
    readonly certificate: IssuedCertificate,
    /** Where it really listens. */
    readonly endpoint: Endpoint,
    /** The requests it got, and faults in single ones. */
    readonly traffic: Traffic,
  ) {}

  /** Sets one up and starts to listen. It stands in the address book under its addresses and both its names. */
  static async start(options: SpsOptions): Promise<SimulatedSps> {
    const shortName = options.hostName.split(".")[0] ?? options.hostName;
    const addresses = nicAddressesOf(options).map(({ address }) => withoutPrefix(address));
    const certificate = await options.authority.issue({
      commonName: options.hostName,
      dnsNames: [options.hostName, shortName],
      ipAddresses: addresses,
    });
    const fabric = ClusterFabric.of(options.addressBook);
    const appliance = assemble(options, fabric);
    const traffic = new Traffic();
    const { close, port } = await listen(options, appliance, traffic, certificate);
    const endpoint = { address: options.address, port };
    for (const name of [options.hostName, shortName, ...addresses]) options.addressBook.add(name, endpoint);
    const sps = new SimulatedSps(options, appliance, fabric, close, certificate, endpoint, traffic);
    fabric.connect(endpoint, sps);
    return sps;
  }

  /** Stops listening and everything that goes on by itself. */
  async stop(): Promise<void> {
    this.fabric.disconnect(this.endpoint);
    this.appliance.member.stop();
    this.appliance.join.stop();
    await this.close();
  }

  /** Everything a program needs to use this appliance. */
  describe(): SpsDescriptionData {
    const { hostName, nodeId, clusterAddress, firmwareVersion, certificate } = this;
    const { username = "admin", password } = this.options;
    const certificateSha256 = certificate.sha256;
    return {
      ...this.endpoint,
      hostName,
      username,
      password,
      certificateSha256,
      nodeId,
      clusterAddress,
      firmwareVersion,
    };
  }

  get nodeId(): string {
    return this.appliance.identity.nodeId;
  }

  get hostName(): string {
    return this.appliance.identity.hostName;
  }

  get firmwareVersion(): string {
    return this.appliance.identity.firmwareVersion;
  }

  /** The behaviour in force; may be changed while running, but for what decides which resources exist. */
  get variant(): SpsVariant {
    return this.appliance.variant;
  }

  /** The cluster roles this node knows it has. */
  get roles(): string[] {
    return nodeOf(this.appliance.store, this.nodeId)?.roles ?? [];
  }

  /** The nodes of the cluster as this node knows them. */
  get nodes(): ClusterNode[] {
    return nodesOf(this.appliance.store);
  }

  /** The address its cluster interface shall listen on. */
  get clusterAddress(): string {
    return this.options.clusterAddress ?? this.options.address;
  }

  /** The address the cluster interface listens on; undefined while it is disabled. */
  get clusterListenAddress(): string | undefined {
    return clusterListenAddress(this.appliance.store);
  }

  /** How far the latest join is; undefined until SPP agreed to one. */
  get joined(): JoinState | undefined {
    return this.appliance.join.state;
  }

  get openTransactions(): number {
    return this.appliance.transactions.openCount();
  }

  get openSessions(): number {
    return this.appliance.sessions.active().length;
  }

  /** Lines of the system log. */
  get log(): readonly string[] {
    return this.appliance.log.lines;
  }

  /** The object in force at a path, for example `/api/configuration/ssh/options`, as it is stored. */
  object(path: string): JsonObject | undefined {
    return this.appliance.store.get(path);
  }

  /** The objects of a list in force, by key. */
  objects(list: string): Map<string, JsonObject> {
    const { store } = this.appliance;
    return new Map(store.keys(list).map((key) => [key, store.get(`${list}/${key}`) ?? {}]));
  }

  /** Adds an object to a list, as an administrator did before. Returns its key. */
  addObject(list: string, body: JsonObject): string {
    if (this.appliance.places.get(list)?.kind !== "list") throw new Error(`${list} is no list of the configuration`);
    const key = newKey();
    this.appliance.store.set(`${list}/${key}`, body);
    this.appliance.store.revision += 1;
    return key;
  }

  /** Sets or clears the system backup policy. */
  setSystemBackup(isSet: boolean): void {
    this.appliance.store.set(SYSTEM_BACKUP, { backup_policy: isSet ? "-100" : null });
    this.appliance.store.revision += 1;
  }

  /** What this node, as managed host, reports as trouble from now on. */
  reportIssues(issues: Partial<NodeIssues>): void {
    this.appliance.member.issues = { warnings: [], errors: [], ...issues };
  }

  /** Ends every session, as a restart of the web service does. */
  endSessions(): void {
    this.appliance.sessions.endAll();
  }

  listensOn(addressOrName: string): boolean {
    const address = this.clusterListenAddress;
    return address !== undefined && (addressOrName === address || addressOrName === this.hostName);
  }

  receive(...given: Parameters<ClusterPeer["receive"]>): ReturnType<ClusterPeer["receive"]> {
    return this.appliance.central.receive(...given);
  }

  applied(...given: Parameters<ClusterPeer["applied"]>): void {
    this.appliance.central.applied(...given);
  }
}

function withoutPrefix(address: string): string {
  return address.split("/")[0] ?? address;
}
