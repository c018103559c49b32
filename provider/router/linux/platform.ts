import type { z } from "zod";
import { type RouterConnection, routerConnection } from "../../core/connection";
import { UNKNOWN } from "../../core/unknown";
import type { Capabilities, Support } from "../capabilities";
import { connectionProblems } from "../guard/session/connection-problems";
import { isSameSshRouter, routerIdentity } from "../guard/session/ssh-target";
import type { Change, CheckedPlatformInputs, Findings, RouterPlatform } from "../platform";
import { apply } from "./apply/apply";
import type { LinuxChange } from "./apply/apply-once";
import { preview } from "./apply/preview";
import { read } from "./apply/read";
import { tryPaths } from "./apply/try-paths";
import { backendProblems } from "./backends/backends";
import { NOTHING } from "./model/desired";
import { interfaceProblems } from "./model/interfaces";
import { nextHopOf, nextHopProblems } from "./model/next-hops";
import { type LinuxOptions, linuxOptionsSchema } from "./model/options";
import { desiredFor, ownedBy } from "./model/owned";
import { type LinuxStatus, linuxStatusSchema } from "./model/status";
import { desiredLines } from "./plan/lines";

type LinuxChangeOf = Omit<Change<RouterConnection, LinuxOptions, LinuxStatus>, "applyOptions">;

/** Linux routers, over SSH and a POSIX root shell. */
export const linux: RouterPlatform<RouterConnection, LinuxOptions, LinuxStatus> = {
  name: "linux",
  block: "linux",
  connection: routerConnection,
  options: linuxOptionsSchema,
  status: linuxStatusSchema,
  capabilities,
  problems,
  lines: (wanted) => desiredLines(desiredFor(wanted)),
  binding: (redirection, options) => {
    const { mark, table, isMarked } = nextHopOf(redirection, options);
    return isMarked ? { mark, table } : undefined;
  },
  identify: routerIdentity,
  isSameRouter: isSameSshRouter,
  preview: (change, depth, context) => preview(change.connection, linuxChange(change), depth, context),
  apply: (change, context) =>
    apply(change.connection, { ...linuxChange(change), applyOptions: change.applyOptions }, context),
  read: (connection, owned, context) => read(connection, desiredFor(owned.inputs), ownedBy(owned), context),
  remove: (change, context) => linux.apply(change, context),
  tryPaths,
  pathCommands: ({ address, ports: [port] }) =>
    `type on the router: ping -c 3 -M do -s 1472 ${address}; traceroute -n ${address}; nc -vz ${address} ${port}`,
};

function linuxChange({ wanted, owned, isAdopting }: LinuxChangeOf): Omit<LinuxChange, "applyOptions"> {
  return {
    wanted: wanted ? desiredFor(wanted) : NOTHING,
    owned: owned ? ownedBy(owned) : NOTHING,
    isAdopting,
  };
}

/** Backend ip-rule sees only packets, not connections. */
function capabilities(options: z.output<typeof linuxOptionsSchema> | typeof UNKNOWN): Capabilities {
  const isTracking = options === UNKNOWN || options.backend !== "ip-rule";
  const tracking = (consequence: string): Support =>
    isTracking || {
      reason: `backend ip-rule tracks no connections, so ${consequence}`,
      alternative: "set linux.backend to another backend",
    };
  return {
    rollback: "guard",
    persistence: true,
    draining: tracking("sessions cannot be drained"),
    bypass: true,
    pathProof: true,
    trafficProof: tracking("client traffic proves nothing"),
    hostProbes: true,
    portProbes: true,
    adopting: true,
    adoptedByEffect: "the vendor's manual recipe and rules with their packet mark",
    // Backend ip-rule refuses it itself, also where backend auto keeps that backend.
    existingConnections: true,
    addressModes: ["own", "client"],
    failModes: ["closed", "open"],
  };
}

function problems({
  connection,
  redirections,
  options,
}: CheckedPlatformInputs<z.output<typeof routerConnection>, z.output<typeof linuxOptionsSchema>>): Findings {
  const found = connection === UNKNOWN ? { failures: [], notes: [] } : connectionProblems(connection);
  if (redirections === UNKNOWN) return found;
  const ofOptions =
    options === UNKNOWN ? [] : [...nextHopProblems(redirections, options), ...backendProblems(redirections, options)];
  return { ...found, failures: [...found.failures, ...interfaceProblems(redirections), ...ofOptions] };
}
