import type { z } from "zod";
import { type CheckPointConnection, checkPointConnection } from "../../core/connection";
import { UNKNOWN } from "../../core/unknown";
import type { Capabilities } from "../capabilities";
import { connectionProblems } from "../guard/session/connection-problems";
import { isSameSshRouter, routerIdentity } from "../guard/session/ssh-target";
import { packetProblems } from "../planning/packet-problems";
import type { Change, CheckedPlatformInputs, Findings, Owned, RouterPlatform } from "../platform";
import { apply, type CheckPointChange } from "./apply/apply";
import { preview } from "./apply/preview";
import { read } from "./apply/read";
import { tryPaths } from "./apply/try-paths";
import { type Desired, desiredFor, NOTHING } from "./model/desired";
import { type CheckPointOptions, checkPointOptionsSchema } from "./model/options";
import { type CheckPointStatus, checkPointStatusSchema } from "./model/status";
import { wantedLines } from "./plan/outputs";
import { CHECK_POINT_INPUTS, priorityProblems } from "./plan/problems";

type PlatformChange = Change<CheckPointConnection, CheckPointOptions, CheckPointStatus>;

/** Check Point gateways with Gaia, over SSH and Clish: policy-based routing. */
export const checkPoint: RouterPlatform<CheckPointConnection, CheckPointOptions, CheckPointStatus> = {
  name: "check-point",
  block: "checkPoint",
  connection: checkPointConnection,
  options: checkPointOptionsSchema,
  status: checkPointStatusSchema,
  capabilities: () => CAPABILITIES,
  problems,
  lines: (wanted) => wantedLines(desiredFor(wanted)),
  identify: routerIdentity,
  isSameRouter: isSameSshRouter,
  preview: (change, depth, context) => preview(change.connection, changeOf(change), depth, context),
  apply: (change, context) => apply(change.connection, changeOf(change), context),
  read: (connection, owned, context) => read(connection, desiredFor(owned.inputs), ownedBy(owned), context),
  remove: (change, context) => checkPoint.apply(change, context),
  tryPaths,
  pathCommands: ({ address, ports: [port] }) =>
    `type in expert mode: ping -c 3 -M do -s 1472 ${address}; traceroute -n ${address}; timeout 3 bash -c '</dev/tcp/${address}/${port}' && echo open`,
};

const CAPABILITIES: Capabilities = {
  rollback: "guard-with-shell",
  persistence: true,
  draining: { reason: "Clish shows no connections, so sessions cannot be drained" },
  bypass: {
    reason:
      "no document says that a PBR table watches its next hop, so the gateway notices no SPS that is silent while its link is up",
  },
  pathProof: true,
  trafficProof: { reason: "Clish shows no connections, so client traffic proves nothing" },
  hostProbes: true,
  portProbes: "with-shell",
  adopting: true,
  adoptedByEffect: "PBR rules that send traffic of the redirections to their SPS, and no other traffic",
  existingConnections: { reason: "PBR rules of platform check-point also apply to existing connections" },
  addressModes: ["own"],
  failModes: ["closed", "open"],
};

function changeOf({ connection, wanted, owned, isAdopting, applyOptions }: PlatformChange): CheckPointChange {
  return {
    wanted: wanted ? desiredFor(wanted) : NOTHING,
    owned: owned ? ownedBy(owned) : NOTHING,
    isAdopting,
    access: connection,
    applyOptions,
  };
}

/** Everything on the router that a resource owns, including leftovers of an unfinished update. */
function ownedBy({ inputs, unfinished }: Owned<CheckPointOptions, CheckPointStatus>): Desired {
  const now = desiredFor(inputs);
  return { ...now, routes: [...now.routes, ...(unfinished ? desiredFor(unfinished).routes : [])] };
}

function problems({
  connection,
  redirections,
  options,
}: CheckedPlatformInputs<z.output<typeof checkPointConnection>, z.output<typeof checkPointOptionsSchema>>): Findings {
  const found = connection === UNKNOWN ? { failures: [], notes: [] } : connectionProblems(connection);
  const rooms = priorityProblems(redirections, options);
  if (redirections === UNKNOWN) return { ...found, failures: [...found.failures, ...rooms] };
  return { ...found, failures: [...found.failures, ...packetProblems(redirections, CHECK_POINT_INPUTS), ...rooms] };
}
