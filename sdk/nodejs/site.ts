import * as pulumi from "@pulumi/pulumi";
import { unknownProperty } from "../../provider/core/nearest";
import { isRecord } from "../../provider/core/record";
import { JoinGuard } from "./join-guard";
import { reportMistakes, urnOf } from "./resource";
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
    requireParts(name, args);
    reportMistakes(this, mistakesOf(name, args));
    const { cluster, onDelete } = args;
    const routers = areRouters(args.routers) ? args.routers : undefined;
    const protect = typeof args.protect === "boolean" ? args.protect : (options?.protect ?? true);
    const join = { onDelete, ...args.join };
    const routerNames = Object.keys(routers ?? {});
    const urns = routerNames.map((router) => [
      router,
      pulumi.output(urnOf("RouterRedirection", `${name}-${router}`, { parent: this })),
    ]);
    const later = routers && { routers, routerUrns: Object.fromEntries(urns) };
    this.cluster = new SpsCluster(`${name}-cluster`, { proveFirst: { join, ...later }, ...cluster }, { parent: this });
    this.join = new SppJoin(
      `${name}-join`,
      {
        sps: cluster.centralManagement,
        proveFirst: later,
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

const ARGUMENTS = ["cluster", "join", "routers", "onDelete", "protect"];

/** The names of routers must be known, so an output is none. */
const areRouters = (value: SiteArgs["routers"]) => isRecord(value) && !pulumi.Output.isInstance(value);

/** Arguments often come from a configuration file, which no compiler checks. @throws pulumi.RunError for a site without cluster or join */
function requireParts(name: string, args: SiteArgs): void {
  const parts: [string, unknown][] = [
    ["cluster", args?.cluster],
    ["join", args?.join],
    ["cluster.centralManagement", args?.cluster?.centralManagement],
  ];
  for (const [path, value] of parts) {
    if (isRecord(value)) continue;
    const what = value === undefined ? "it is missing" : "it is no object";
    throw new pulumi.RunError(`${name}: Invalid value for ${path}: ${what}. Allowed values are: an object.`);
  }
}

function mistakesOf(name: string, args: SiteArgs): string[] {
  const unknown = Object.keys(args).filter((key) => !ARGUMENTS.includes(key));
  const mistakes = unknown.map((key) => unknownProperty(key, key, ARGUMENTS));
  const { routers, protect } = args;
  if (routers !== undefined && !areRouters(routers)) {
    mistakes.push(
      "Invalid value for routers. Allowed values are: an object with the inputs of a RouterRedirection for each router.",
    );
  }
  if (protect !== undefined && typeof protect !== "boolean") {
    mistakes.push("Invalid value for protect. Allowed values are: true, false.");
  }
  return mistakes.map((mistake) => `${name}: ${mistake}`);
}
