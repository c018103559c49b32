import type { ApplianceConnection } from "../../core/connection";
import { endingWith, type OperationContext } from "../../core/context";
import { pick } from "../../core/difference";
import { messageOf } from "../../core/errors";
import { withoutAccess } from "../../core/json-schema";
import { hasUnknown, ifKnown, notCheckedText, UNKNOWN, type Unknown } from "../../core/unknown";
import { SpsClient } from "../../sps/client";
import { looksJoined } from "../../sps/configuration";
import { changeText, listChanges } from "../list-changes";
import type { Note, PreviewResult, Recorded } from "../operations";
import { compareClusters } from "./changes";
import { joinsLate, LOSES_RECORDINGS } from "./joined";
import { type ClusterSteps, NOTHING_TO_SEND, plannedSteps, planSteps } from "./plan";
import { CENTRAL, proveNodes } from "./proof";
import { INPUT_KEYS, memberSchema, type SpsClusterKnown, type SpsClusterState, spsClusterSchema } from "./schema";

/** Time limit of a preview for requests to the Central Management node, in milliseconds. */
const ASKING_MILLISECONDS = 10_000;

/**
 * Returns the steps, checks the nodes of a new or extended cluster, and warns about unsupported or risky changes: a removed node stays a
 * member, a member is added after the join to SPP, recordings are lost.
 */
export async function preview(
  olds: Recorded<SpsClusterState> | undefined,
  news: SpsClusterKnown,
  context: OperationContext,
): Promise<PreviewResult> {
  const result: PreviewResult = { outputs: { steps: plannedSteps(news) }, failures: [], notes: [] };
  if (olds) {
    const changes = listChanges([olds.inputs.members as readonly unknown[], news.members], MEMBER);
    result.notes.push(...changes.map((change): Note => ({ severity: "info", text: changeText("member", change) })));
  }
  if (olds?.isRepeated) return result;
  // The steps and changes do not depend on credentials.
  const known = ifKnown(withoutAccess(news, spsClusterSchema));
  if (!known) {
    result.notes.push({ severity: "info", text: notCheckedText(withoutAccess(news, spsClusterSchema)) });
    return result;
  }
  // Connections may hold unknown credentials, which are checked only during the update.
  const prove = async () => {
    const mode = ifKnown(news.preflight) ?? context.settings.preflight ?? "enforce";
    const { steps = planSteps(known), failures, notes } = await proveNodes(news, mode, context);
    const line = failures.length > 0 ? undefined : irreversibleText(steps);
    const first: Note[] = line === undefined ? [] : [{ severity: "info", text: line }];
    return { steps, failures, notes: [...first, ...notes] };
  };
  if (!olds) {
    const { steps, failures, notes } = await prove();
    return { outputs: { steps: steps.steps }, failures, notes };
  }
  const before = recordedInputs(olds.inputs);
  if (!before) return result;
  const { added, removed, losing } = compareClusters(before, known);
  const warn = (text: string) => result.notes.push({ severity: "warning", text });
  if (removed.length > 0) warn(staysMember(removed));
  if (added.length === 0 && losing.length === 0) return result;
  if (added.length > 0) {
    const { failures, notes } = await prove();
    result.failures.push(...failures);
    result.notes.push(...notes);
    // The same node would be asked, with the same fault.
    if (failures.some(({ path }) => path === CENTRAL)) return result;
  }
  const joined = await askWhetherJoined(news.centralManagement, context);
  if (joined === true) {
    if (added.length > 0) warn(joinsLate(added));
    result.failures.push(...losing.map((path) => ({ path, reason: recordingsLost(path) })));
  } else if (joined !== false) {
    warn(`cannot tell yet whether the cluster is joined to SPP (${joined}); this is checked again before any change`);
  }
  return result;
}

/** Members are named by the address of their connection. */
const MEMBER = { schema: memberSchema, nameOf: addressOf };

function addressOf(member: unknown): string | undefined {
  const { connection } = (member === UNKNOWN ? {} : member) as { connection?: unknown };
  const address = connection && connection !== UNKNOWN ? (connection as { address?: unknown }).address : undefined;
  return typeof address === "string" ? address : undefined;
}

/** The steps that cannot be undone; undefined when none is due. */
function irreversibleText({ irreversible, isComplete }: ClusterSteps): string | undefined {
  if (irreversible.length > 0) return `CANNOT BE UNDONE: ${irreversible.join("; ")}`;
  return isComplete ? NOTHING_TO_SEND : undefined;
}

/** The recorded inputs; undefined when they cannot be compared. */
function recordedInputs(recorded: Record<string, unknown>) {
  const parsed = spsClusterSchema.safeParse(pick(recorded, INPUT_KEYS));
  return parsed.success ? ifKnown(withoutAccess(parsed.data, spsClusterSchema)) : undefined;
}

function recordingsLost(path: string): string {
  return `Invalid value for ${path}: search-minion. It was search-local, and ${LOSES_RECORDINGS}. Allowed values are: search-local, search-master.`;
}

/** No REST operation and no documented procedure removes a node (SPS REST reference §8.5). */
function staysMember(nodes: readonly string[]): string {
  return (
    `members no longer name ${nodes.join(", ")}: SPS has no documented REST operation that takes a node out of its ` +
    "cluster, so it stays a member as it is and stays among the outputs; name it again, or retire it with the help of " +
    "One Identity and run pulumi refresh (a node that only has another address now is recognized by its id)"
  );
}

async function askWhetherJoined(
  central: ApplianceConnection | Unknown | object,
  context: OperationContext,
): Promise<boolean | string> {
  if (!isKnown(central)) return "the connection to the Central Management node is not known yet";
  try {
    const client = await SpsClient.open(central, endingWith(context, AbortSignal.timeout(ASKING_MILLISECONDS)));
    try {
      return await looksJoined(client);
    } finally {
      await client.close();
    }
  } catch (error) {
    context.signal.throwIfAborted();
    return messageOf(error);
  }
}

function isKnown(connection: ApplianceConnection | Unknown | object): connection is ApplianceConnection {
  return !hasUnknown(connection);
}
