import { notFound } from "../state/errors";
import type { JsonObject } from "../state/json";
import { isSynchronized } from "../state/schema";
import { INTERNAL } from "../state/store";
import type { ClusterConfiguration, LocalNode, NodeReport } from "./fabric";
import { CENTRAL_MANAGEMENT, type ClusterNode, MANAGED_HOST, NODES, nodeOf, nodesOf } from "./roles";

/** Synchronization status of a node, before it is formatted for the API. */
export type SyncStatus = "n/a" | "not-fetched" | "pending" | "outdated" | "up-to-date";

/** A node without a report for this many appliance seconds is offline. */
export const OFFLINE_AFTER_SECONDS = 60;

interface MemberRecord {
  report: NodeReport;
  lastSeen: Date;
  appliedRevision?: number;
  lastUpdated?: Date;
  hash?: string;
}

/** The status of the other nodes on the Central Management node. */
export class CentralStatus {
  private readonly members = new Map<string, MemberRecord>();

  constructor(private readonly options: LocalNode & { now: () => Date }) {}

  /** Records a report and returns the configuration; undefined when the node or its key is unknown. */
  receiveReport(report: NodeReport): ClusterConfiguration | undefined {
    const { store } = this.options;
    const key = store.get(`${INTERNAL}psk/${report.nodeId}`)?.psk;
    if (!nodeOf(store, report.nodeId) || key !== report.psk) return undefined;
    const previous = this.members.get(report.nodeId);
    this.members.set(report.nodeId, { ...previous, report, lastSeen: this.options.now() });
    const objects = store.paths().map((path) => [path, store.get(path) ?? {}] as [string, JsonObject]);
    return {
      revision: store.revision,
      hash: store.hash(),
      nodes: objects.filter(([path]) => path.startsWith(`${NODES}/`)),
      objects: objects.filter(([path]) => isSynchronized(path)),
    };
  }

  /** Records that a managed host applied this configuration. */
  recordApplied(nodeId: string, configuration: ClusterConfiguration): void {
    const member = this.members.get(nodeId);
    if (!member) return;
    member.appliedRevision = configuration.revision;
    member.hash = configuration.hash;
    member.lastUpdated = this.options.now();
  }

  syncStatus(node: ClusterNode): SyncStatus {
    if (!node.roles.includes(MANAGED_HOST)) return "n/a";
    const member = this.members.get(node.nodeId);
    if (member?.appliedRevision === undefined) return "not-fetched";
    if (this.issuesOf(member).errors !== undefined) return "outdated";
    const isCurrent = member.appliedRevision === this.options.store.revision;
    return isCurrent && !this.options.isSyncStuck() ? "up-to-date" : "pending";
  }

  /** The items of `GET /api/cluster/status`, without their links. */
  items(format: (status: SyncStatus) => string): JsonObject[] {
    return nodesOf(this.options.store).map((node) => this.describe(node, format));
  }

  /** One item of the cluster status. @throws SpsRefusal 404 for an unknown node. */
  item(nodeId: string, format: (status: SyncStatus) => string): JsonObject {
    const node = nodeOf(this.options.store, nodeId);
    if (!node) throw notFound(`/api/cluster/status/${nodeId}`);
    return this.describe(node, format);
  }

  private describe(node: ClusterNode, format: (status: SyncStatus) => string): JsonObject {
    const sync_status = format(this.syncStatus(node));
    if (node.roles.includes(CENTRAL_MANAGEMENT)) {
      return { key: node.nodeId, fqdn: this.options.fqdn, health_status: null, sync_status };
    }
    const member = this.members.get(node.nodeId);
    if (!member) return { key: node.nodeId, fqdn: node.address, health_status: null, sync_status };
    const age = (this.options.now().getTime() - member.lastSeen.getTime()) / 1000;
    const item: JsonObject = {
      key: node.nodeId,
      fqdn: member.report.fqdn,
      last_seen: member.lastSeen.toISOString(),
      health_status: age > OFFLINE_AFTER_SECONDS ? null : member.report.health,
      sync_status,
    };
    if (node.roles.includes(MANAGED_HOST)) item.configuration_sync = this.synchronizationOf(member);
    return item;
  }

  private synchronizationOf(member: MemberRecord): JsonObject {
    return {
      last_updated: member.lastUpdated?.toISOString() ?? null,
      last_checked: member.lastSeen.toISOString(),
      downloaded_xml_hash: member.hash ?? null,
      issues: this.issuesOf(member),
    };
  }

  private issuesOf(member: MemberRecord): JsonObject {
    const { warnings, errors } = member.report.issues;
    const all = [...errors];
    if (member.report.firmwareVersion !== this.options.firmwareVersion) {
      all.push({ message: "The node runs another version than the Central Management node.", paths: [] });
    }
    return { ...(warnings.length > 0 ? { warnings } : {}), ...(all.length > 0 ? { errors: all } : {}) };
  }
}
