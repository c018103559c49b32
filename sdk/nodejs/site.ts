import * as pulumi from "@pulumi/pulumi";
import { RouterRedirection, type RouterRedirectionArgs } from "./router-redirection";
import { SppJoin, type SppJoinArgs } from "./spp-join";
import { SpsCluster, type SpsClusterArgs } from "./sps-cluster";

/** Arguments of Site. */
export interface SiteArgs {
  /** The SPS cluster of the site. */
  cluster: SpsClusterArgs;
  /** Its join to SPP; the SPS side is the cluster's Central Management node. */
  join: Omit<SppJoinArgs, "sps" | "clusterId">;
  /** The routers that send traffic through the cluster, by name. */
  routers?: Record<string, RouterRedirectionArgs>;
}

/**
 * A whole site in the only order that works: first the cluster with all its members (the vendor discourages adding
 * members after a join), then the join, then the redirections, so that traffic never reaches an appliance that cannot
 * record it yet.
 */
export class Site extends pulumi.ComponentResource {
  public readonly cluster: SpsCluster;
  public readonly join: SppJoin;
  public readonly routers: Record<string, RouterRedirection> = {};

  constructor(name: string, args: SiteArgs, options?: pulumi.ComponentResourceOptions) {
    super("safeguard:index:Site", name, {}, options);
    this.cluster = new SpsCluster(`${name}-cluster`, args.cluster, { parent: this });
    this.join = new SppJoin(
      `${name}-join`,
      { ...args.join, sps: args.cluster.centralManagement, clusterId: this.cluster.clusterId },
      { parent: this, dependsOn: [this.cluster] },
    );
    for (const [router, redirection] of Object.entries(args.routers ?? {})) {
      this.routers[router] = new RouterRedirection(`${name}-${router}`, redirection, {
        parent: this,
        dependsOn: [this.join],
      });
    }
    this.registerOutputs({
      clusterId: this.cluster.clusterId,
      connectionId: this.join.connectionId,
      health: this.join.health,
    });
  }
}
