import type { Endpoint } from "../common/address-book";
import type { IssuedCertificate } from "../common/certificates";
import type { SpsDescription } from "../common/description";
import { Traffic } from "../common/traffic";
import type { Appliance } from "./appliance";
import { assemble } from "./assemble";
import { ClusterPort } from "./cluster/cluster-port";
import { ClusterFabric, type ClusterPeer, type NodeIssues } from "./cluster/fabric";
import { clusterListenAddress } from "./cluster/listen-address";
import { type ClusterNode, nodeOf, nodesOf } from "./cluster/roles";
import type { JoinState } from "./join/spp-join";
import { listen } from "./listen";
import { nicAddressesOf, type SpsOptions } from "./options";
import type { SessionCounts } from "./state/health";
import type { JsonObject } from "./state/json";
import type { RecordedSessions } from "./state/recorded-sessions";
import { CLUSTER_SERVICE, SYSTEM_BACKUP } from "./state/schema";
import { newKey } from "./state/seed";
import type { SpsVariant } from "./variant";

export type { SpsOptions } from "./options";
export type { SpsVariant } from "./variant";

/** Ports of a real appliance. The lab may serve the web interface on another one. */
const WEB_PORT = 443;
const CLUSTER_PORT = 8649;

/** The description of the appliance without its CA file. */
export type SpsDescriptionData = Omit<SpsDescription, "caFile">;

/** A simulated Safeguard for Privileged Sessions appliance: REST API over TLS, clustering and the join to SPP. */
export class SimulatedSps implements ClusterPeer {
  private constructor(
    private readonly options: SpsOptions,
    private readonly appliance: Appliance,
    private readonly fabric: ClusterFabric,
    private readonly close: () => Promise<void>,
    private readonly clusterPort: ClusterPort,
    /** The TLS certificate of the web interface. */
    readonly certificate: IssuedCertificate,
    /** Address and port on which the appliance listens. */
    readonly endpoint: Endpoint,
    /** Records the requests and injects faults into single ones. */
    readonly traffic: Traffic,
  ) {}

  /** Starts an appliance and adds its addresses, host name and short name to the address book. */
  static async start(options: SpsOptions): Promise<SimulatedSps> {
    const shortName = options.hostName.split(".")[0] ?? options.hostName;
    const addresses = nicAddressesOf(options).map(({ address }) => withoutPrefixLength(address));
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
    const clusterPort = new ClusterPort();
    const { store } = appliance;
    if (options.opensClusterPort) {
      store.onSet = (path) => {
        if (path === CLUSTER_SERVICE) void clusterPort.listenOn(clusterListenAddress(store));
      };
    }
    const sps = new SimulatedSps(options, appliance, fabric, close, clusterPort, certificate, endpoint, traffic);
    const host = { isOpen: (name: string, at: number) => sps.isOpen(name, at), answersPing: true };
    for (const name of [options.hostName, shortName, ...addresses]) options.addressBook.add(name, endpoint, host);
    fabric.connect(endpoint, sps);
    return sps;
  }

  /** Stops the appliance and its background work. */
  async stop(): Promise<void> {
    this.fabric.disconnect(this.endpoint);
    this.appliance.member.stop();
    this.appliance.join.stop();
    await this.clusterPort.listenOn(undefined);
    await this.close();
  }

  /** Everything that a program needs to use this appliance. */
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

  /** The current behaviour. Switches can change at run time, except those that decide which resources exist. */
  get variant(): SpsVariant {
    return this.appliance.variant;
  }

  /** Its session database. */
  get recorded(): RecordedSessions {
    return this.appliance.recorded;
  }

  /** The sessions of clients that it relays now besides, by protocol; changes show in its health. */
  get liveSessions(): SessionCounts {
    return this.appliance.liveSessions;
  }

  /** The cluster roles of this node, as this node knows them. */
  get roles(): string[] {
    return nodeOf(this.appliance.store, this.nodeId)?.roles ?? [];
  }

  /** The nodes of the cluster as this node knows them. */
  get nodes(): ClusterNode[] {
    return nodesOf(this.appliance.store);
  }

  /** Address for the cluster interface. */
  get clusterAddress(): string {
    return this.options.clusterAddress ?? this.options.address;
  }

  /** The address on which the cluster interface listens; undefined while it is disabled. */
  get clusterListenAddress(): string | undefined {
    return clusterListenAddress(this.appliance.store);
  }

  /** State of the latest join; undefined until SPP accepts one. */
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

  /** The committed object at a path, for example `/api/configuration/ssh/options`. */
  object(path: string): JsonObject | undefined {
    return this.appliance.store.get(path);
  }

  /** The committed objects of a list, by key. */
  objects(list: string): Map<string, JsonObject> {
    const { store } = this.appliance;
    return new Map(store.keys(list).map((key) => [key, store.get(`${list}/${key}`) ?? {}]));
  }

  /** Adds a committed object to a list. @returns its key. */
  addObject(list: string, body: JsonObject): string {
    if (this.appliance.configurationTree.get(list)?.kind !== "list")
      throw new Error(`${list} is not a list of the configuration`);
    const key = newKey();
    this.appliance.store.set(`${list}/${key}`, body);
    this.appliance.store.revision += 1;
    return key;
  }

  /** Removes every committed object whose name contains this text. */
  removeObjects(text: string): void {
    const { store } = this.appliance;
    for (const path of store.paths()) if (String(store.get(path)?.name).includes(text)) store.delete(path);
    store.revision += 1;
  }

  /** Sets or clears the system backup policy. */
  setSystemBackup(isSet: boolean): void {
    this.appliance.store.set(SYSTEM_BACKUP, { backup_policy: isSet ? "-100" : null });
    this.appliance.store.revision += 1;
  }

  /** Sets the issues that this node reports as a managed host. */
  reportIssues(issues: Partial<NodeIssues>): void {
    this.appliance.member.issues = { warnings: [], errors: [], ...issues };
  }

  /** Ends all sessions, as a restart of the web service does. */
  endSessions(): void {
    this.appliance.sessions.endAll();
  }

  listensOn(addressOrName: string): boolean {
    const address = this.clusterListenAddress;
    if (address === undefined) return false;
    return [address, this.hostName, this.hostName.split(".")[0]].includes(addressOrName.toLowerCase());
  }

  /** Whether a port accepts connections: the web interface, and the cluster interface on its own address only. */
  private isOpen(nameOrAddress: string, port: number): boolean {
    if (port === CLUSTER_PORT) return this.listensOn(nameOrAddress);
    return port === WEB_PORT || port === this.endpoint.port;
  }

  receiveReport(...args: Parameters<ClusterPeer["receiveReport"]>): ReturnType<ClusterPeer["receiveReport"]> {
    return this.appliance.central.receiveReport(...args);
  }

  recordApplied(...args: Parameters<ClusterPeer["recordApplied"]>): void {
    this.appliance.central.recordApplied(...args);
  }
}

function withoutPrefixLength(address: string): string {
  return address.split("/")[0] ?? address;
}
