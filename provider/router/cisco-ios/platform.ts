import type { z } from "zod";
import { type CiscoRouterConnection, ciscoRouterConnection } from "../../core/connection";
import { UNKNOWN } from "../../core/unknown";
import type { Capabilities } from "../capabilities";
import { connectionProblems } from "../guard/session/connection-problems";
import { isSameSshRouter, routerIdentity } from "../guard/session/ssh-target";
import { packetProblems } from "../planning/packet-problems";
import type { Change, CheckedPlatformInputs, Findings, Owned, RouterPlatform } from "../platform";
import { apply } from "./apply/apply";
import { preview } from "./apply/preview";
import { read } from "./apply/read";
import { tryPaths } from "./apply/try-paths";
import { type Desired, desiredFor, NOTHING } from "./model/desired";
import { type CiscoIosOptions, ciscoIosOptionsSchema } from "./model/options";
import { type CiscoIosStatus, ciscoIosStatusSchema } from "./model/status";
import type { ChangeScope } from "./plan/decision";
import { wantedLines } from "./plan/outputs";
import { CISCO_INPUTS, extensionProblems, watchProblems } from "./plan/problems";

type CiscoChange = Omit<Change<CiscoRouterConnection, CiscoIosOptions, CiscoIosStatus>, "applyOptions">;

/** Cisco routers with IOS or IOS-XE, over SSH and their command line. */
export const ciscoIos: RouterPlatform<CiscoRouterConnection, CiscoIosOptions, CiscoIosStatus> = {
  name: "cisco-ios",
  block: "ciscoIos",
  connection: ciscoRouterConnection,
  options: ciscoIosOptionsSchema,
  status: ciscoIosStatusSchema,
  capabilities: () => CAPABILITIES,
  problems,
  lines: (wanted) => wantedLines(desiredFor(wanted)),
  identify: routerIdentity,
  isSameRouter: isSameSshRouter,
  preview: (change, depth, context) => preview(change.connection, scopeOf(change), depth, context),
  apply: (change, context) =>
    apply(change.connection, { ...scopeOf(change), applyOptions: change.applyOptions }, context),
  read: (connection, owned, context) => read(connection, desiredFor(owned.inputs), ownedBy(owned), context),
  remove: (change, context) => ciscoIos.apply(change, context),
  tryPaths,
  pathCommands: ({ address, ports: [port] }) =>
    `type on the router: ping ${address} size 1500 df-bit; traceroute ${address}; telnet ${address} ${port}`,
};

const STATELESS = "Cisco routers track no connections";

const CAPABILITIES: Capabilities = {
  rollback: "device",
  persistence: true,
  draining: { reason: `${STATELESS}, so sessions cannot be drained` },
  bypass: true,
  pathProof: true,
  trafficProof: { reason: `${STATELESS}, so client traffic proves nothing` },
  hostProbes: true,
  portProbes: true,
  adopting: true,
  adoptedByEffect: "route-maps whose sequences all send just the traffic of a redirection to its SPS",
  existingConnections: {
    reason: "platform cisco-ios tracks no connections, so existing connections are redirected too",
  },
  addressModes: ["own", "client"],
  failModes: ["closed", "open"],
};

function scopeOf({ wanted, owned, isAdopting }: CiscoChange): ChangeScope {
  return {
    wanted: wanted ? desiredFor(wanted) : NOTHING,
    owned: owned ? ownedBy(owned) : NOTHING,
    isAdopting,
  };
}

/** Everything on the router that a resource owns, including leftovers of an unfinished update. */
function ownedBy({ inputs, unfinished }: Owned<CiscoIosOptions, CiscoIosStatus>): Desired {
  const now = desiredFor(inputs);
  return { ...now, legs: [...now.legs, ...(unfinished ? desiredFor(unfinished).legs : [])] };
}

function problems(
  inputs: CheckedPlatformInputs<z.output<typeof ciscoRouterConnection>, z.output<typeof ciscoIosOptionsSchema>>,
): Findings {
  const { connection, redirections } = inputs;
  const found = connection === UNKNOWN ? { failures: [], notes: [] } : connectionProblems(connection);
  const failures = [...found.failures, ...extensionProblems(inputs.options), ...watchProblems(inputs)];
  if (redirections === UNKNOWN) return { ...found, failures };
  return { ...found, failures: [...failures, ...packetProblems(redirections, CISCO_INPUTS)] };
}
