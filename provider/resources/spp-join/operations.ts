import type { OperationContext } from "../../core/context";
import { differingPaths, isAccessOnly } from "../../core/difference";
import { messageOf, SafeguardError } from "../../core/errors";
import { Journal } from "../../core/journal";
import { exclusively } from "../../core/lock";
import { acknowledgementProblem } from "../../join/acknowledgement";
import { runJoin } from "../../join/run";
import { type JoinOutputs, observeJoin } from "../../join/sides";
import { SppClient } from "../../spp/client";
import { SpsClient } from "../../sps/client";
import type { Difference, Operations } from "../operations";
import { check } from "./check";
import type { SppJoinKnown, SppJoinState } from "./schema";
import { inputsOf, NOTHING_READ, outputsOf, toState } from "./state";

/**
 * The join of an SPS cluster to SPP. It cannot be undone, so deleting is refused. Its id is the address of the SPS
 * node at creation.
 */
export const sppJoin: Operations<SppJoinKnown, SppJoinState> = {
  check,
  diff,
  create,
  read,
  update,
  delete: refuseDelete,
};

/** Inputs that say how to go about the join, not what it is: a change of them touches no appliance. */
const RECORD_ONLY = new Set(["onDelete", "preflight"]);

async function diff(_id: string, olds: SppJoinState, news: SppJoinKnown): Promise<Difference> {
  const paths = differingPaths(inputsOf(olds), news);
  if (olds.health !== "joined") paths.push("health");
  return { changes: paths.length > 0, paths };
}

async function create(inputs: SppJoinKnown, context: OperationContext): Promise<{ id: string; state: SppJoinState }> {
  const id = inputs.sps.address;
  return { id, state: await bring(id, inputs, context) };
}

async function update(
  id: string,
  olds: SppJoinState,
  news: SppJoinKnown,
  context: OperationContext,
): Promise<{ state: SppJoinState }> {
  const { paths } = await diff(id, olds, news);
  if (isRecordOnly(paths, news)) return { state: toState(news, outputsOf(olds)) };
  return { state: await bring(id, news, context) };
}

/** Whether a change concerns the record alone. To be forgotten, a join need not be whole. */
function isRecordOnly(paths: readonly string[], news: SppJoinKnown): boolean {
  const isForgotten = news.onDelete === "forget" && paths.includes("onDelete");
  const rest = isForgotten ? paths.filter((path) => path !== "health") : paths;
  return rest.length > 0 && rest.every((path) => isAccessOnly([path]) || RECORD_ONLY.has(path));
}

async function bring(id: string, inputs: SppJoinKnown, context: OperationContext): Promise<SppJoinState> {
  const problem = acknowledgementProblem(inputs.acknowledge, inputs.sps.address, inputs.spp.address);
  if (problem) {
    throw new SafeguardError({
      code: "SG2117",
      object: `sps ${inputs.sps.address}`,
      step: "join spp",
      cause: problem,
      remedy: "nothing was sent",
    });
  }
  const journal = new Journal();
  const keys = [
    `spp ${inputs.spp.address}:${inputs.spp.port}`,
    `sps ${inputs.sps.address}:${inputs.sps.port}`,
  ] as const;
  return exclusively(keys[0], () =>
    exclusively(keys[1], async () => {
      try {
        const outputs = await withBoth(inputs, context, (sps, spp) =>
          runJoin(
            { sps, spp, sppAddress: inputs.spp.address, clusterId: inputs.clusterId, ...inputs.timeouts },
            context,
            journal,
          ),
        );
        return toState(inputs, outputs);
      } catch (error) {
        // Another login would count a wrong password twice.
        if (!journal.hasSideEffects) throw error;
        throw journal.failure(error, id, { ...toState(inputs, await observeIfPossible(inputs, context)) });
      }
    }),
  );
}

async function read(id: string, state: SppJoinState, context: OperationContext) {
  const inputs = inputsOf(state);
  const { outputs, forbidden } = await withBoth(inputs, context, observeJoin);
  if (forbidden.length > 0) {
    context.log.warn(`sps ${inputs.sps.address}: not allowed to read ${forbidden.join(", ")}`);
  }
  // Gone only if both sides say so: a one-sided join is drift that a person has to look at.
  if (!outputs.spp.listed && !outputs.sps.joined && forbidden.length === 0) return undefined;
  if (outputs.health !== "joined") {
    context.log.warn(`sps ${inputs.sps.address}: the join to spp ${inputs.spp.address} is ${outputs.health} now`);
  }
  return { id, state: toState(inputs, outputs), inputs: { ...inputs } };
}

async function refuseDelete(_id: string, state: SppJoinState, context: OperationContext): Promise<void> {
  const object = `sps ${state.sps.address}`;
  if (state.onDelete === "forget") {
    context.log.warn(`${object}: the record of the join to spp ${state.spp.address} goes; both appliances stay joined`);
    return;
  }
  throw new SafeguardError({
    code: "SG2118",
    object,
    step: "delete join",
    cause: `the join to spp ${state.spp.address} cannot be undone; nothing was sent`,
    remedy: 'to drop only the record, set onDelete: "forget", run pulumi up, then delete; the appliances stay joined',
  });
}

async function withBoth<T>(
  inputs: SppJoinKnown,
  context: OperationContext,
  work: (sps: SpsClient, spp: SppClient) => Promise<T>,
): Promise<T> {
  const [sps, spp] = await Promise.allSettled([
    SpsClient.open(inputs.sps, context),
    SppClient.open(inputs.spp, context),
  ]);
  try {
    if (sps.status === "rejected") throw sps.reason;
    if (spp.status === "rejected") throw spp.reason;
    return await work(sps.value, spp.value);
  } finally {
    if (sps.status === "fulfilled") await sps.value.close();
    if (spp.status === "fulfilled") await spp.value.close();
  }
}

async function observeIfPossible(inputs: SppJoinKnown, context: OperationContext): Promise<JoinOutputs> {
  try {
    return (await withBoth(inputs, context, observeJoin)).outputs;
  } catch (error) {
    context.log.debug(`reading back after a failure failed too: ${messageOf(error)}`);
    return NOTHING_READ;
  }
}
