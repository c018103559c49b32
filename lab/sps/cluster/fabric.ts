import type { AddressBook, Endpoint } from "../../common/address-book";
import type { JsonObject } from "../state/json";
import type { ConfigurationStore } from "../state/store";

/** Identity and configuration of the local node. */
export interface LocalNode {
  nodeId: string;
  fqdn: string;
  firmwareVersion: string;
  store: ConfigurationStore;
  /** Whether the fault `sps-sync-stuck` is on. */
  isSyncStuck: () => boolean;
}

/** The report of a member to its Central Management node. */
export interface NodeReport {
  nodeId: string;
  /** Pre-shared key from the join request. */
  psk: string;
  fqdn: string;
  firmwareVersion: string;
  health: JsonObject;
  issues: NodeIssues;
}

/** Problems of a managed host when it applied the configuration. */
export interface NodeIssues {
  warnings: NodeIssue[];
  errors: NodeIssue[];
}

/** A problem and the objects that it concerns. */
export interface NodeIssue extends JsonObject {
  message: string;
  /** Paths of the objects. */
  paths: string[];
}

/** The configuration that a member fetches from the Central Management node. */
export interface ClusterConfiguration {
  revision: number;
  /** MD5 of the configuration. */
  hash: string;
  /** Node objects by path. */
  nodes: [string, JsonObject][];
  /** The objects that managed hosts apply, by path. */
  objects: [string, JsonObject][];
}

/** A node as other nodes see it on the cluster interface. */
export interface ClusterPeer {
  /** Whether the cluster interface listens on this address or name. */
  listensOn(addressOrName: string): boolean;
  /** Records a report and returns the configuration; undefined when the node or its key is unknown. */
  receiveReport(report: NodeReport): ClusterConfiguration | undefined;
  /** Records that a managed host applied this configuration. */
  recordApplied(nodeId: string, configuration: ClusterConfiguration): void;
}

const fabrics = new WeakMap<AddressBook, ClusterFabric>();

/** The cluster traffic between the nodes of a lab, in process. Nodes find each other only in the address book. */
export class ClusterFabric {
  private readonly peers = new Map<string, ClusterPeer>();

  private constructor(private readonly addressBook: AddressBook) {}

  /** The fabric of all nodes that share this address book. */
  static of(addressBook: AddressBook): ClusterFabric {
    const fabric = fabrics.get(addressBook) ?? new ClusterFabric(addressBook);
    fabrics.set(addressBook, fabric);
    return fabric;
  }

  connect(endpoint: Endpoint, peer: ClusterPeer): void {
    this.peers.set(keyOf(endpoint), peer);
  }

  disconnect(endpoint: Endpoint): void {
    this.peers.delete(keyOf(endpoint));
  }

  /** The node whose cluster interface listens on this address or name; undefined when there is none. */
  find(addressOrName: string): ClusterPeer | undefined {
    const endpoint = this.addressBook.find(addressOrName);
    const peer = endpoint && this.peers.get(keyOf(endpoint));
    return peer?.listensOn(addressOrName) ? peer : undefined;
  }
}

function keyOf(endpoint: Endpoint): string {
  return `${endpoint.address}:${endpoint.port}`;
}
