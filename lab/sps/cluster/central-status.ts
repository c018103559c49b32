import { notFound } from "../state/errors";
import type { JsonObject } from "../state/json";
import { isSynchronized } from "../state/schema";
import { type ConfigurationStore, HIDDEN } from "../state/store";
import type { ClusterConfiguration, NodeReport } from "./fabric";
import { CENTRAL_MANAGEMENT, type ClusterNode, MANAGED_HOST, NODES, nodeOf, nodesOf } from "./roles";

/** How far a node's configuration is; `spell` turns it into what an appliance writes. */
export type SyncStatus = "n/a" | "not-fetched" | "pending" | "outdated" | "up-to-date";

/** A node counts as down when its last report is older than this many appliance seconds. */
export const OFFLINE_AFTER_SECONDS = 60;

interface Known {
  report: NodeReport;
  lastSeen: Date;
  appliedRevision?: number;
  lastUpdated?: Date;
  hash?: string;
}

/** What the Central Management node knows of the other nodes. */
export class CentralStatus {
  private readonly known = new Map<string, Known>();

  constructor(
    private readonly options: {
      nodeId: string;
      fqdn: string;
      firmwareVersion: string;
      store: ConfigurationStore;
      now: () => Date;
      isSyncStuck: () => boolean;
    },
  ) {}

  /** Takes a report and hands out the configuration; undefined when the node or its key is unknown. */
  receive(report: NodeReport): ClusterConfiguration | undefined {
    const { store } = this.options;
    const key = store.get(`${HIDDEN}psk/${report.nodeId}`)?.psk;
    if (!nodeOf(store, report.nodeId) || key !== report.psk) return undefined;
    const before = this.known.get(report.nodeId);
    this.known.set(report.nodeId, { ...before, report, lastSeen: this.options.now() });
    const objects = store.paths().map((path) => [path, store.get(path) ?? {}] as [string, JsonObject]);
    return {
      revision: store.revision,
      hash: store.hash(),
      nodes: objects.filter(([path]) => path.startsWith(`${NODES}/`)),
      objects: objects.filter(([path]) => isSynchronized(path)),
    };
  }

  /** Learns that a managed host now runs this configuration. */
  applied(nodeId: string, configuration: ClusterConfiguration): void {
    const known = this.known.get(nodeId);
    if (!known) return;
    known.appliedRevision = configuration.revision;
    known.hash = configuration.hash;
    known.lastUpdated = this.options.now();
  }

  syncStatus(node: ClusterNode): SyncStatus {
    if (!node.roles.includes(MANAGED_HOST)) return "n/a";
    const known = this.known.get(node.nodeId);
    if (known?.appliedRevision === undefined) return "not-fetched";
    if (this.issuesOf(known).errors !== undefined) return "outdated";
    const isCurrent = known.appliedRevision === this.options.store.revision;
    return isCurrent && !this.options.isSyncStuck() ? "up-to-date" : "pending";
  }

  /** The items of `GET /api/cluster/status`, without their links. */
  items(spell: (status: SyncStatus) => string): JsonObject[] {
    return nodesOf(this.options.store).map((node) => this.describe(node, spell));
  }

  /** @throws SpsRefusal 404 for an unknown node. */
  item(nodeId: string, spell: (status: SyncStatus) => string): JsonObject {
    const node = nodeOf(this.options.store, nodeId);
    if (!node) throw notFound(`/api/cluster/status/${nodeId}`);
    return this.describe(node, spell);
  }

  private describe(node: ClusterNode, spell: (status: SyncStatus) => string): JsonObject {
    const sync_status = spell(this.syncStatus(node));
    if (node.roles.includes(CENTRAL_MANAGEMENT)) {
      return { key: node.nodeId, fqdn: this.options.fqdn, health_status: null, sync_status };
    }
    const known = this.known.get(node.nodeId);
    if (!known) return { key: node.nodeId, fqdn: node.address, health_status: null, sync_status };
    const age = (this.options.now().getTime() - known.lastSeen.getTime()) / 1000;
    const item: JsonObject = {
      key: node.nodeId,
      fqdn: known.report.fqdn,
      last_seen: known.lastSeen.toISOString(),
      health_status: age > OFFLINE_AFTER_SECONDS ? null : known.report.health,
      sync_status,
    };
    if (node.roles.includes(MANAGED_HOST)) item.configuration_sync = this.synchronization(known);
    return item;
  }

  private synchronization(known: Known): JsonObject {
    return {
      last_updated: known.lastUpdated?.toISOString() ?? null,
      last_checked: known.lastSeen.toISOString(),
      downloaded_xml_hash: known.hash ?? null,
      issues: this.issuesOf(known),
    };
  }

  private issuesOf(known: Known): JsonObject {
    const { warnings, errors } = known.report.issues;
    const all = [...errors];
    if (known.report.firmwareVersion !== this.options.firmwareVersion) {
      all.push({ message: "The node runs another version than the Central Management node.", paths: [] });
    }
    return { ...(warnings.length > 0 ? { warnings } : {}), ...(all.length > 0 ? { errors: all } : {}) };
  }
}
