import type { OperationContext } from "../../core/context";
import { SafeguardError } from "../../core/errors";
import { exclusively } from "../../core/lock";
import { awaitIdleCluster } from "../../join/request";
import { refuseOtherSpp, unlink } from "../../join/unlink";
import { SppClient } from "../../spp/client";
import { readStatus } from "../../spp/status";
import { deletionRefusal } from "./refusal";
import type { SppJoinState } from "./schema";

/**
 * Deletes the resource with the inputs of the state: a changed `onDelete` takes effect after the next `pulumi up`.
 * @throws SafeguardError SG2118 unless `onDelete` is `forget` or `unlink`; for `unlink` also SG2113, SG2121, SG2122, SG2125 when no node is
 * recorded
 */
export async function remove(_id: string, state: SppJoinState, context: OperationContext): Promise<void> {
  const [sps, spp] = [state.sps.address, state.spp.address];
  const { onDelete } = state;
  const disconnects = state.acknowledge?.disconnects === true;
  const refusal = deletionRefusal({ sps, spp, onDelete, disconnects, urn: context.resource?.urn });
  if (refusal) throw refusal;
  if (onDelete === "forget") {
    context.log.warn(`sps ${sps}: the record of the join to spp ${spp} goes; both appliances stay joined`);
    return;
  }
  return disconnect(state, context);
}

async function disconnect(state: SppJoinState, context: OperationContext): Promise<void> {
  const { trustSeconds } = state.timeouts;
  // No SPP has an entry of an unknown node, which would look like a node that is already disconnected.
  if (state.nodeId === "") {
    throw new SafeguardError({
      code: "SG2125",
      object: `sps ${state.sps.address}`,
      step: "delete join",
      cause: `it is not recorded which node was joined to spp ${state.spp.address}; nothing was sent`,
    });
  }
  await exclusively(`spp ${state.spp.address}:${state.spp.port}`, async () => {
    const spp = await SppClient.open(state.spp, context);
    try {
      await refuseOtherSpp(spp, state.sppApplianceId, (await readStatus(spp)).applianceId);
      await awaitIdleCluster(spp, trustSeconds, context);
      const entry = await unlink(spp, state.nodeId, trustSeconds, context);
      const left =
        entry === undefined ? "SPP has no entry of the node" : `entry ${entry} on SPP is disconnected and stays`;
      context.log.warn(`${spp.object}: ${left}; sps ${state.sps.address} keeps the objects of the join`);
    } finally {
      await spp.close();
    }
  });
}
