import type { z } from "zod";
import { type SophosUtmConnection, sophosUtmConnection } from "../../core/connection";
import { UNKNOWN } from "../../core/unknown";
import { unverifiedText } from "../../core/unverified";
import type { Capabilities } from "../capabilities";
import { packetProblems } from "../planning/packet-problems";
import type { Change, CheckedPlatformInputs, Findings, Owned, RouterPlatform } from "../platform";
import { apply } from "./apply/apply";
import { identify } from "./apply/connect";
import { preview } from "./apply/preview";
import { read } from "./apply/read";
import { type Desired, desiredFor, NOTHING } from "./model/desired";
import { type SophosUtmOptions, sophosUtmOptionsSchema } from "./model/options";
import { type SophosUtmStatus, sophosUtmStatusSchema } from "./model/status";
import type { ChangeScope } from "./plan/decision";
import { desiredRules } from "./plan/lines";
import { SOPHOS_INPUTS } from "./plan/problems";

type SophosChange = Omit<Change<SophosUtmConnection, SophosUtmOptions, SophosUtmStatus>, "applyOptions">;

const NO_TOOLS = "the RESTful API of a Sophos UTM has no ping, traceroute or connection test";

/** Sophos UTM 9, over its RESTful API. */
export const sophosUtm: RouterPlatform<SophosUtmConnection, SophosUtmOptions, SophosUtmStatus> = {
  name: "sophos-utm",
  block: "sophosUtm",
  connection: sophosUtmConnection,
  options: sophosUtmOptionsSchema,
  status: sophosUtmStatusSchema,
  capabilities: () => CAPABILITIES,
  problems,
  lines: (wanted) => desiredRules(desiredFor(wanted)),
  identify,
  isSameRouter: (left, right) => identify(left).key === identify(right).key,
  preview: (change, depth, context) => preview(change.connection, scopeOf(change), depth, context),
  apply: (change, context) =>
    apply(change.connection, { ...scopeOf(change), applyOptions: change.applyOptions }, context),
  read: (connection, owned, context) => read(connection, desiredFor(owned.inputs), ownedBy(owned), context),
  remove: (change, context) => sophosUtm.apply(change, context),
  noPaths: NO_TOOLS,
  pathCommands: ({ address, ports: [port] }) =>
    `open Support > Tools in WebAdmin, and run Ping Check and Traceroute to ${address}; for port ${port}, enable Management > System Settings > Shell Access and type: nc -vz -w 3 ${address} ${port}`,
};

const NO_PROBES = "the API of a Sophos UTM has no probes";

const CAPABILITIES: Capabilities = {
  rollback: "provider",
  persistence: "always",
  draining: { reason: "the API of a Sophos UTM shows no connections, so sessions cannot be drained" },
  bypass: { reason: `${NO_PROBES}, and policy routes do not watch their gateway` },
  pathProof: { reason: NO_PROBES },
  trafficProof: { reason: "the API of a Sophos UTM shows no connections" },
  hostProbes: { reason: NO_PROBES },
  portProbes: { reason: NO_PROBES },
  adopting: true,
  adoptedByEffect: "policy routes that send traffic of the redirections to their SPS, and no other traffic",
  existingConnections: { reason: "policy routes of platform sophos-utm also apply to existing connections" },
  addressModes: ["own", "client"],
  failModes: ["open"],
};

function scopeOf({ wanted, owned, isAdopting, connection }: SophosChange): ChangeScope {
  return {
    wanted: wanted ? desiredFor(wanted) : NOTHING,
    owned: owned ? ownedBy(owned) : NOTHING,
    isAdopting,
    access: connection,
  };
}

/** Everything on the router that a resource owns, including leftovers of an unfinished update. */
function ownedBy({ inputs, unfinished }: Owned<SophosUtmOptions, SophosUtmStatus>): Desired {
  const now = desiredFor(inputs);
  return { ...now, legs: [...now.legs, ...(unfinished ? desiredFor(unfinished).legs : [])] };
}

function problems({
  connection,
  redirections,
}: CheckedPlatformInputs<z.output<typeof sophosUtmConnection>, z.output<typeof sophosUtmOptionsSchema>>): Findings {
  const notes =
    connection !== UNKNOWN && connection.insecureSkipVerify === true
      ? [{ severity: "warning" as const, text: unverifiedText("router", connection.address) }]
      : [];
  return { failures: redirections === UNKNOWN ? [] : packetProblems(redirections, SOPHOS_INPUTS), notes };
}
