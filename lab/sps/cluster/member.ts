import type { LabClock } from "../../common/clock";
import type { JsonObject } from "../state/json";
import { isSynchronized } from "../state/schema";
import { type ConfigurationStore, HIDDEN } from "../state/store";
import type { ClusterConfiguration, ClusterFabric, ClusterPeer, NodeIssues, NodeReport } from "./fabric";
import { CENTRAL_MANAGEMENT, MANAGED_HOST, NODES, nodeOf, nodesOf } from "./roles";

/** Where a node keeps its own request to become a member. */
export const MEMBERSHIP = `${HIDDEN}membership`;

/** Members report to their Central Management node this often, in appliance seconds. */
export const REPORT_SECONDS = 10;

/**
 * A node's part as member: it reports to the Central Management node, learns the nodes and roles from it and, as
 * managed host, takes over the configuration.
 */
export class Member {
  /** Problems to report; tests set them. */
  issues: NodeIssues = { warnings: [], errors: [] };
  private round = 0;
  private appliedRevision: number | undefined;

  constructor(
    private readonly options: {
      nodeId: string;
      fqdn: string;
      firmwareVersion: string;
      store: ConfigurationStore;
      clock: LabClock;
      fabric: ClusterFabric;
      /** Appliance seconds it takes to put a fetched configuration in force. */
      syncSeconds: number;
      health: () => JsonObject;
      isSyncStuck: () => boolean;
    },
  ) {}

  /** Begins to report; called when the join request is committed. */
  start(): void {
    this.round += 1;
    this.appliedRevision = undefined;
    this.beat(this.round);
  }

  stop(): void {
    this.round += 1;
  }

  private beat(round: number): void {
    if (round !== this.round) return;
    this.report(round);
    this.options.clock.after(REPORT_SECONDS, () => this.beat(round));
  }

  private report(round: number): void {
    const { store, fabric, nodeId } = this.options;
    const membership = store.get(MEMBERSHIP);
    if (!membership) return;
    // Nodes fetch changed host addresses of their cluster, that of the Central Management node included.
    const listed = nodesOf(store).find(({ roles }) => roles.includes(CENTRAL_MANAGEMENT));
    const central =
      (listed && fabric.find(listed.address)) ?? fabric.find(membership.central_management_address as string);
    const report: NodeReport = {
      nodeId,
      psk: membership.psk as string,
      fqdn: this.options.fqdn,
      firmwareVersion: this.options.firmwareVersion,
      health: this.options.health(),
      issues: this.issues,
    };
    const configuration = central?.receive(report);
    if (!central || !configuration) return;
    this.takeOverNodes(configuration);
    if (!nodeOf(store, nodeId)?.roles.includes(MANAGED_HOST)) return;
    if (this.appliedRevision === configuration.revision || this.options.isSyncStuck()) return;
    this.options.clock.after(this.options.syncSeconds, () => {
      if (round === this.round) this.takeOver(central, configuration);
    });
  }

  private takeOverNodes(configuration: ClusterConfiguration): void {
    const { store } = this.options;
    for (const key of store.keys(NODES)) store.delete(`${NODES}/${key}`);
    for (const [path, body] of configuration.nodes) store.set(path, body);
  }

  private takeOver(central: ClusterPeer, configuration: ClusterConfiguration): void {
    if (this.options.isSyncStuck()) return;
    const { store } = this.options;
    for (const path of store.paths()) if (isSynchronized(path)) store.delete(path);
    for (const [path, body] of configuration.objects) store.set(path, body);
    store.revision += 1;
    this.appliedRevision = configuration.revision;
    central.applied(this.options.nodeId, configuration);
  }
}
