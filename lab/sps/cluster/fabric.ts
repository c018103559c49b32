import type { AddressBook, Endpoint } from "../../common/address-book";
import type { JsonObject } from "../state/json";

/** What a member tells its Central Management node every ten seconds. */
export interface NodeReport {
  nodeId: string;
  /** Pre-shared key from the join request. */
  psk: string;
  fqdn: string;
  firmwareVersion: string;
  health: JsonObject;
  issues: NodeIssues;
}

/** Problems a managed host met while taking over the configuration. */
export interface NodeIssues {
  warnings: Issue[];
  errors: Issue[];
}

export interface Issue extends JsonObject {
  message: string;
  /** Paths of the objects concerned. */
  paths: string[];
}

/** What the Central Management node gives a member to fetch. */
export interface ClusterConfiguration {
  revision: number;
  /** MD5 of the configuration. */
  hash: string;
  /** Node objects by path. */
  nodes: [string, JsonObject][];
  /** Every object that managed hosts take over, by path. */
  objects: [string, JsonObject][];
}

/** A node as other nodes reach it over the cluster interface. */
export interface ClusterPeer {
  /** Whether its cluster interface listens on this address or name. */
  listensOn(addressOrName: string): boolean;
  /** Takes a report; undefined when the node or its key is unknown here. */
  receive(report: NodeReport): ClusterConfiguration | undefined;
  /** Learns that a managed host now runs this revision. */
  applied(nodeId: string, configuration: ClusterConfiguration): void;
}

const fabrics = new WeakMap<AddressBook, ClusterFabric>();

/** The cluster traffic between the nodes of one lab, in process. Nodes find each other by the lab's address book only. */
export class ClusterFabric {
  private readonly peers = new Map<string, ClusterPeer>();

  private constructor(private readonly addressBook: AddressBook) {}

  /** The fabric of everybody who shares this address book. */
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

  /** The node whose cluster interface listens there; undefined when nobody does. */
  find(addressOrName: string): ClusterPeer | undefined {
    const endpoint = this.addressBook.find(addressOrName);
    const peer = endpoint && this.peers.get(keyOf(endpoint));
    return peer?.listensOn(addressOrName) ? peer : undefined;
  }
}

function keyOf(endpoint: Endpoint): string {
  return `${endpoint.address}:${endpoint.port}`;
}
