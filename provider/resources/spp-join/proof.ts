import type { OperationContext } from "../../core/context";
import { clusterKey } from "../../core/deployment";
import { SafeguardError } from "../../core/errors";
import type { PreflightMode } from "../../core/settings";
import { ifKnown, UNKNOWN } from "../../core/unknown";
import type { InputFailure } from "../../core/validate";
import { acknowledgementProblem, NO_CONSEQUENCES } from "../../join/acknowledgement";
import type { PreflightOrder, SideOrder } from "../../join/preflight/order";
import { preflight } from "../../join/preflight/preflight";
import {
  attentionLines,
  briefLines,
  failures,
  lines,
  type PreflightReport,
  resultLine,
} from "../../join/preflight/report";
import type { SppClient } from "../../spp/client";
import type { SpsClient } from "../../sps/client";
import type { Movement } from "./movement";
import type { SppJoinChecked, SppJoinKnown } from "./schema";

/** Why an appliance cannot be read while parts of its connection are unknown. */
const CONNECTION_LATER = "its connection is known only during the update";

type Inputs = SppJoinChecked;

/** Options of a preflight. */
interface ProofOptions {
  /** Whether the report is one of the steps of an update. Default: it is the result of a preview. */
  isStep?: boolean;
  /** Clients that are already logged in. */
  spsClient?: SpsClient | undefined;
  sppClient?: SppClient | undefined;
  /** Set when the cluster is promoted later. Default: when `clusterId` is unknown. */
  promotion?: PreflightOrder["promotion"];
  /** Id of the SPP appliance of the recorded join; empty when none is recorded. */
  recordedSppId?: string;
  isRejoin?: boolean;
}

/** Result of a preflight, for the check and for the acknowledgement. */
export interface Proof {
  /** Failures that reject the inputs; none in the modes `report` and `off`. */
  failures: InputFailure[];
  /** Side effects of the join; undefined when no appliance was read. */
  consequences: PreflightReport["consequences"] | undefined;
}

/**
 * Runs the preflight for the join of these inputs and logs its result. Only reads. Unknown inputs are skipped and checked later:
 * Pulumi checks again during the update, and the join repeats the preflight right before its request.
 * @param rejoin set when the join is recorded with other addresses
 */
export async function prove(
  inputs: Inputs,
  rejoin: PreflightOrder["rejoin"],
  context: OperationContext,
  { isStep = false, spsClient, sppClient, recordedSppId, promotion = promotionOf(inputs, context) }: ProofOptions = {},
): Promise<Proof> {
  const mode = modeOf(inputs, context);
  const sps = sideOf(inputs.sps);
  const spp = sideOf(inputs.spp);
  if (mode === "off" || (!sps.connection && !spp.connection)) return { failures: [], consequences: undefined };
  const order: PreflightOrder = {
    sps,
    spp,
    spsClient,
    sppClient,
    recordedSppId,
    promotion,
    clusterId: ifKnown(inputs.clusterId),
    rejoin,
    waitSeconds: ifKnown(inputs.timeouts)?.trustSeconds,
    overwrites: ifKnown(inputs.acknowledge)?.overwrites,
    backups: ifKnown(inputs.backups),
  };
  const report = await preflight(order, context);
  if (isStep) context.log.info(briefLines(report).join("\n"));
  else showResult(report, mode, order, context);
  const found = mode === "enforce" ? failures(report) : [];
  return { failures: isStep ? found : unreported(found, inputs, context), consequences: report.consequences };
}

/** Without those that the preview of the cluster has reported: that one fails for them. */
function unreported(found: InputFailure[], { sps }: Inputs, { deployment }: OperationContext): InputFailure[] {
  if (sps === UNKNOWN) return found;
  const own = clusterKey(sps);
  return found.filter(
    ({ path, code }) => !(path.startsWith("sps.") && deployment.reportedFaults.has(`${own} ${code}`)),
  );
}

/** Shows one line and what needs attention, or the whole report. A failure that stops the update is shown as such, not here. */
function showResult(
  report: PreflightReport,
  mode: PreflightMode,
  { sps, spp, rejoin }: PreflightOrder,
  { log, settings }: OperationContext,
): void {
  const { isRejoinDue, joinedAs } = report.consequences;
  const isStopped = mode === "enforce" && !report.ok;
  const isPromoted = report.checks.some(({ status }) => status === "planned");
  const steps = [
    isPromoted && `promotes ${sps.address}`,
    rejoin && isRejoinDue && `removes the join of ${sps.address}`,
    `joins ${isPromoted ? "it" : sps.address} to ${spp.address}`,
  ].filter(Boolean);
  const isKnown = sps.address !== "" && spp.address !== "";
  const irreversible = isStopped || !isKnown ? "" : `; CANNOT BE UNDONE: ${steps.join(", ")}`;
  const outlook = joinedAs === undefined ? irreversible : "; already joined: nothing is sent";
  const result = `${resultLine(report)}${outlook}`;
  const isDetailed = settings.detail === "all";
  log.result(isDetailed ? [...lines(report), result].join("\n") : result);
  if (isDetailed) return;
  for (const line of attentionLines(report, isStopped ? ["warn"] : ["fail", "warn"])) log.warn(line);
}

/** Problems that block a pending join request. */
export interface Obstacles {
  /** Side effects that the acknowledgement does not cover. */
  unacknowledged: string | undefined;
  failures: InputFailure[];
}

/**
 * Runs the preflight for a pending request, with a short report, and compares the acknowledgement with the side effects.
 * @throws SafeguardError SG2119 when the side effects could not be read, unless the preflight is not enforced
 */
export async function proveRequest(
  inputs: SppJoinKnown,
  movement: Movement | undefined,
  context: OperationContext,
  options: ProofOptions = {},
): Promise<Obstacles> {
  const { isRejoin = false } = options;
  const { failures, consequences } = await prove(inputs, movement, context, { isStep: true, ...options });
  const { openRequests, overwrites } = consequences ?? NO_CONSEQUENCES;
  const { acknowledge, sps, spp } = inputs;
  const all = { ...NO_CONSEQUENCES, isRejoin, openRequests, overwrites };
  const unacknowledged = acknowledgementProblem(acknowledge, sps.address, spp.address, all);
  const unread = modeOf(inputs, context) === "enforce" ? (consequences?.unread ?? []) : [];
  // Known problems are more useful than the list of unread facts.
  if (unread.length === 0 || unacknowledged || failures.length > 0) return { unacknowledged, failures };
  const cause = `the effects of the join are not known, because these could not be read: ${unread.join(", ")}`;
  throw notProved(inputs, cause, "check the state of both appliances");
}

/** Joins failures into one text. */
export function reasonsOf(failures: readonly InputFailure[]): string {
  return failures.map(({ reason }) => reason).join("; ");
}

/** The error for a failed preflight; `remedy` is the fix before the next run. */
export function notProved({ sps }: SppJoinKnown, cause: string, remedy = "fix this"): SafeguardError {
  return new SafeguardError({
    code: "SG2119",
    object: `sps ${sps.address}`,
    step: "preflight",
    cause,
    remedy: `${remedy}, then run pulumi up again; nothing was sent`,
  });
}

/** The mode of the program, else of the settings. Not recorded, so that a changed setting does not change the join. */
function modeOf(inputs: Inputs, { settings }: OperationContext): PreflightMode {
  return ifKnown(inputs.preflight) ?? settings.preflight ?? "enforce";
}

/** An unknown cluster id means that the same update creates the cluster. */
function promotionOf({ clusterId, sps }: Inputs, { deployment }: OperationContext): PreflightOrder["promotion"] {
  if (clusterId !== UNKNOWN) return undefined;
  const key = sps === UNKNOWN ? "" : clusterKey(sps);
  return { nodes: deployment.plannedClusters.get(key) };
}

function sideOf(connection: Inputs["sps"]): SideOrder {
  const later: SideOrder = { address: addressOf(connection), connection: undefined, later: CONNECTION_LATER };
  if (connection === UNKNOWN) return later;
  const { password, passwordEnv, passwordFile, ...open } = connection;
  const known = ifKnown(open);
  if (!known) return later;
  const login = { password: ifKnown(password), passwordEnv: ifKnown(passwordEnv), passwordFile: ifKnown(passwordFile) };
  return { address: known.address, connection: { ...known, ...login } };
}

function addressOf(connection: Inputs["sps"]): string {
  return (connection === UNKNOWN ? undefined : ifKnown(connection.address)) ?? "";
}
