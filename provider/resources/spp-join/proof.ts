import type { OperationContext } from "../../core/context";
import { SafeguardError } from "../../core/errors";
import { ifKnown, UNKNOWN } from "../../core/unknown";
import type { InputFailure } from "../../core/validate";
import { acknowledgementProblem, NO_CONSEQUENCES } from "../../join/acknowledgement";
import { CREATED_IN_THIS_UPDATE, type PreflightOrder, type SideOrder } from "../../join/preflight/order";
import { preflight } from "../../join/preflight/preflight";
import { briefLines, failures, lines, type PreflightReport } from "../../join/preflight/report";
import type { SppClient } from "../../spp/client";
import type { Movement } from "./movement";
import type { PREFLIGHT_MODES, SppJoinChecked, SppJoinKnown } from "./schema";

/** Why a side cannot be asked while parts of its connection are still to come. */
const CONNECTION_LATER = "its connection is known only during the update";

type Inputs = SppJoinChecked;
type Mode = (typeof PREFLIGHT_MODES)[number];

/** How a proof goes about it. */
interface ProofOptions {
  /** The lines that are shown of the report. Default: all. */
  render?: (report: PreflightReport) => string[];
  /** A client that is logged in already. */
  sppClient?: SppClient | undefined;
}

/** What a proof found, for the check and for the acknowledgement. */
export interface Proof {
  /** Failures to refuse the inputs with; none in the modes `report` and `off`. */
  failures: InputFailure[];
  /** What the join would do to others; undefined when nobody was asked. */
  consequences: PreflightReport["consequences"] | undefined;
}

/**
 * Proves, before anything is done, that the join of these inputs will work; reports every check as a line. Reads only.
 * What is not known yet is not checked, and checked once it is known: the engine checks again during the update, and the
 * join does right before its request.
 * @param rejoin given when the join is recorded between other addresses
 */
export async function prove(
  inputs: Inputs,
  rejoin: PreflightOrder["rejoin"],
  context: OperationContext,
  { render = lines, sppClient }: ProofOptions = {},
): Promise<Proof> {
  const mode = modeOf(inputs, context);
  // The SPS side of a cluster that is still to be made would only tell what it is not yet.
  const sps = inputs.clusterId === UNKNOWN ? notYet(inputs.sps) : sideOf(inputs.sps);
  const spp = sideOf(inputs.spp);
  if (mode === "off" || (!sps.connection && !spp.connection)) return { failures: [], consequences: undefined };
  const order: PreflightOrder = {
    sps,
    spp,
    sppClient,
    clusterId: ifKnown(inputs.clusterId),
    rejoin,
    waitSeconds: ifKnown(inputs.timeouts)?.trustSeconds,
    overwrites: ifKnown(inputs.acknowledge)?.overwrites,
    backups: ifKnown(inputs.backups),
  };
  const report = await preflight(order, context);
  context.log.info(render(report).join("\n"));
  return { failures: mode === "enforce" ? failures(report) : [], consequences: report.consequences };
}

/** What stands in the way of a join request that is due now. */
export interface Obstacles {
  /** What the acknowledgement lacks, of what the request would do by what the appliances say. */
  unacknowledged: string | undefined;
  failures: InputFailure[];
}

/**
 * Proves a request that is due now, in few lines, and compares the acknowledgement with what it would do.
 * @throws SafeguardError SG2119 when what it would do could not be read, unless the proof is not to be enforced
 */
export async function proveRequest(
  inputs: SppJoinKnown,
  movement: Movement | undefined,
  isRejoin: boolean,
  context: OperationContext,
  sppClient?: SppClient,
): Promise<Obstacles> {
  const { failures, consequences } = await prove(inputs, movement, context, { render: briefLines, sppClient });
  const { openRequests, overwrites } = consequences ?? NO_CONSEQUENCES;
  const { acknowledge, sps, spp } = inputs;
  const all = { ...NO_CONSEQUENCES, isRejoin, openRequests, overwrites };
  const unacknowledged = acknowledgementProblem(acknowledge, sps.address, spp.address, all);
  const unread = modeOf(inputs, context) === "enforce" ? (consequences?.unread ?? []) : [];
  // What is known to stand in the way tells more.
  if (unread.length === 0 || unacknowledged || failures.length > 0) return { unacknowledged, failures };
  const cause = `what the join would close and overwrite is not known: not read were ${unread.join(", ")}`;
  throw notProved(inputs, cause, "check the state of both appliances");
}

/** Failures as one text. */
export function reasonsOf(failures: readonly InputFailure[]): string {
  return failures.map(({ reason }) => reason).join("; ");
}

/** The refusal of a request that is not proved to work; `remedy` is what to do before the next run. */
export function notProved({ sps }: SppJoinKnown, cause: string, remedy = "fix this"): SafeguardError {
  return new SafeguardError({
    code: "SG2119",
    object: `sps ${sps.address}`,
    step: "prove",
    cause,
    remedy: `${remedy}, then run pulumi up again; nothing was sent`,
  });
}

/** What the program says, else the settings; not recorded, so that a changed setting is no change of the join. */
function modeOf(inputs: Inputs, { settings }: OperationContext): Mode {
  return ifKnown(inputs.preflight) ?? settings.preflight ?? "enforce";
}

function notYet(connection: Inputs["sps"]): SideOrder {
  return { address: addressOf(connection), connection: undefined, later: CREATED_IN_THIS_UPDATE };
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
