import type { LabClock } from "../../common/clock";
import type { JsonObject } from "../state/json";
import { isSynchronized } from "../state/schema";
import { INTERNAL } from "../state/store";
import type { ClusterConfiguration, ClusterFabric, ClusterPeer, LocalNode, NodeIssues, NodeReport } from "./fabric";
import { CENTRAL_MANAGEMENT, MANAGED_HOST, NODES, nodeOf, nodesOf } from "./roles";

/** Path of the join request of this node. */
export const MEMBERSHIP = `${INTERNAL}membership`;

/** Interval between the reports of a member, in appliance seconds. */
export const REPORT_SECONDS = 10;

/**
 * The membership of a node. It reports to the Central Management node and receives nodes and roles. As a managed host, it
 * also applies the configuration.
 */
export class Member {
  /** Problems to report; set by tests. */
  issues: NodeIssues = { warnings: [], errors: [] };
  private generation = 0;
  private appliedRevision: number | undefined;

  constructor(
    private readonly options: LocalNode & {
      clock: LabClock;
      fabric: ClusterFabric;
      /** Appliance seconds to apply a fetched configuration. */
      syncSeconds: number;
      health: () => JsonObject;
    },
  ) {}

  /** Starts to report; called when the join request is committed. */
  start(): void {
    this.generation += 1;
    this.appliedRevision = undefined;
    this.heartbeat(this.generation);
  }

  stop(): void {
    this.generation += 1;
  }

  private heartbeat(generation: number): void {
    if (generation !== this.generation) return;
    this.report(generation);
    this.options.clock.after(REPORT_SECONDS, () => this.heartbeat(generation));
  }

  private report(generation: number): void {
    const { store, fabric, nodeId } = this.options;
    const membership = store.get(MEMBERSHIP);
    if (!membership) return;
    // The address of the Central Management node may have changed since the join request.
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
    const configuration = central?.receiveReport(report);
    if (!central || !configuration) return;
    this.applyNodes(configuration);
    if (!nodeOf(store, nodeId)?.roles.includes(MANAGED_HOST)) return;
    if (this.appliedRevision === configuration.revision || this.options.isSyncStuck()) return;
    this.options.clock.after(this.options.syncSeconds, () => {
      if (generation === this.generation) this.applyConfiguration(central, configuration);
    });
  }

  private applyNodes(configuration: ClusterConfiguration): void {
    const { store } = this.options;
    for (const key of store.keys(NODES)) store.delete(`${NODES}/${key}`);
    for (const [path, body] of configuration.nodes) store.set(path, body);
  }

  private applyConfiguration(central: ClusterPeer, configuration: ClusterConfiguration): void {
    if (this.options.isSyncStuck()) return;
    const { store } = this.options;
    for (const path of store.paths()) if (isSynchronized(path)) store.delete(path);
    for (const [path, body] of configuration.objects) store.set(path, body);
    store.revision += 1;
    this.appliedRevision = configuration.revision;
    central.recordApplied(this.options.nodeId, configuration);
  }
}
