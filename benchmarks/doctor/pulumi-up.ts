import { operationContext } from "../../provider/core/context";
import { PartialFailure, SafeguardError } from "../../provider/core/errors";
import { routerRedirection } from "../../provider/resources/router-redirection/operations";
import { sppJoin } from "../../provider/resources/spp-join/operations";
import type { SppJoinKnown } from "../../provider/resources/spp-join/schema";
import { spsCluster } from "../../provider/resources/sps-cluster/operations";
import type { SpsClusterKnown } from "../../provider/resources/sps-cluster/schema";
import type { LabSite, SiteOptions } from "./lab-site";

/** Short limits: what does not succeed within seconds on the fast clock of the lab never does. */
const TIMEOUTS = { trustSeconds: 5, policySeconds: 5, synchronizationSeconds: 5 };

/** The parts of the failure of a `pulumi up`. */
export interface FailedUp {
  code: string;
  object: string;
  text: string;
  remedy: string;
}

/**
 * Runs what `pulumi up` runs for the program of a site: its cluster, its join and its routers.
 * @returns the failure; undefined when all is up to date
 */
export async function pulumiUp(lab: LabSite, { sps, spp }: SiteOptions): Promise<FailedUp | undefined> {
  const context = operationContext();
  const acknowledge = {
    irreversible: true,
    sps: sps.address,
    spp: spp.address,
    closesAccessRequests: true,
    rejoin: true,
  };
  const join = { sps, spp, acknowledge, backups: { spp: "skip", sps: "skip" }, timeouts: TIMEOUTS };
  try {
    const [, ...members] = lab.pair.nodes.map(({ sps: node }) => ({ connection: { ...sps, ...node.endpoint } }));
    const cluster = spsCluster.check({ centralManagement: sps, members, timeouts: { stepSeconds: 5 } }, context);
    await spsCluster.create(cluster.inputs as SpsClusterKnown, context);
    const { inputs, failures } = sppJoin.check(join, context);
    if (failures.length > 0) throw new Error(failures.map(({ reason }) => reason).join(" "));
    await sppJoin.create(inputs as SppJoinKnown, context);
    if (lab.router) await routerRedirection.create(await lab.router.inputs(), lab.router.context());
    return undefined;
  } catch (error) {
    const failure = error instanceof PartialFailure ? error.cause : error;
    if (!(failure instanceof SafeguardError)) throw error;
    const { object, cause, remedy } = failure.text;
    return { code: failure.code, object, text: cause, remedy };
  }
}
