import * as pulumi from "@pulumi/pulumi";
import { JoinGuard } from "./join-guard";
import { RouterRedirection, type RouterRedirectionArgs } from "./router-redirection";
import { SppJoin, type SppJoinArgs } from "./spp-join";
import { SpsCluster, type SpsClusterArgs } from "./sps-cluster";

/** Arguments of Site. */
export interface SiteArgs {
  /** The SPS cluster of the site. */
  cluster: SpsClusterArgs;
  /** Its join to SPP. The SPS side is the cluster's Central Management node unless `sps` names another connection to it. */
  join: Omit<SppJoinArgs, "sps" | "clusterId"> & Partial<Pick<SppJoinArgs, "sps">>;
  /** The routers that send traffic through the cluster, by name. */
  routers?: Record<string, RouterRedirectionArgs>;
  /** What deleting the site does with the join, unless `join.onDelete` says so: refuse (default), forget or unlink. */
  onDelete?: SppJoinArgs["onDelete"];
  /** Whether the join and its guard are protected. Default: the option `protect` of the site, otherwise true. */
  protect?: boolean;
}

/**
 * A whole site in the only order that works: first the cluster with all its members (the vendor discourages adding
 * members after a join), then the join, then the redirections, so that traffic never reaches an appliance that cannot
 * record it yet. The guard comes last, so that a refused deletion of the join leaves the redirections alone.
 */
export class Site extends pulumi.ComponentResource {
  /** The SPS cluster. */
  public readonly cluster: SpsCluster;
  /** Its join to SPP. */
  public readonly join: SppJoin;
  /** The redirections, by the name of their router. */
  public readonly routers: Record<string, RouterRedirection> = {};
  /** The guard of the join. */
  public readonly guard: JoinGuard;

  constructor(name: string, args: SiteArgs, options?: pulumi.ComponentResourceOptions) {
    super("safeguard:index:Site", name, {}, options);
    const { cluster, onDelete, protect = options?.protect ?? true } = args;
    const { routers } = args;
    const join = { onDelete, ...args.join };
    this.cluster = new SpsCluster(`${name}-cluster`, { proveFirst: { join, routers }, ...cluster }, { parent: this });
    this.join = new SppJoin(
      `${name}-join`,
      {
        sps: cluster.centralManagement,
        proveFirst: routers && { routers },
        ...join,
        clusterId: this.cluster.clusterId,
      },
      { parent: this, protect, dependsOn: [this.cluster] },
    );
    for (const [router, redirection] of Object.entries(routers ?? {})) {
      this.routers[router] = new RouterRedirection(`${name}-${router}`, redirection, {
        parent: this,
        dependsOn: [this.join],
      });
    }
    const dependents = [this.cluster, ...Object.values(this.routers)];
    this.guard = new JoinGuard(`${name}-guard`, { join: this.join, dependents }, { parent: this });
    this.registerOutputs({
      clusterId: this.cluster.clusterId,
      connectionId: this.join.connectionId,
      health: this.join.health,
    });
  }
}
