import { z } from "zod";
import { listOf, oneOf } from "../core/fields";
import { ifKnown, type Known, UNKNOWN, type Unknown } from "../core/unknown";
import { hostAddress, type InterfacePick, interfacePick, portOrRange, redirectionName, trafficNetwork } from "./fields";
import { canonicalNetworks } from "./networks";
import { canonicalPorts } from "./ports";

/** One redirection: which traffic, to which SPS, and what happens when SPS cannot be reached. The same on every platform. */
export const redirectionSchema = z.strictObject({
  name: redirectionName("Name of the redirection; unique on the router, and how its rules are recognized there."),
  clientInterfaces: listOf(
    interfacePick("Interface of the router."),
    "Interfaces that the clients' packets arrive on. The interface of SPS cannot be one of them.",
  ),
  clientCidrs: listOf(
    trafficNetwork("IPv4 network."),
    "Networks of the clients. Default: every client behind clientInterfaces. Required with addressMode client.",
  ).optional(),
  serverCidrs: listOf(trafficNetwork("IPv4 network."), "Networks of the protected servers; SPS cannot be in them."),
  ports: listOf(portOrRange("TCP port."), 'TCP ports of the servers; ranges as text, such as "5900-5910".'),
  spsAddress: hostAddress(
    "Address of SPS; the next hop of the redirected traffic, directly reachable on spsInterface.",
  ),
  spsInterface: interfacePick("Interface of the router that SPS is reached on."),
  serverInterfaces: listOf(
    interfacePick("Interface of the router."),
    "Interfaces that the servers' answers arrive on. Not needed for redirecting; when given, they are checked.",
  ).optional(),
  addressMode: oneOf(
    ["own", "client"],
    "Whose address the servers see: SPS's own, or the client's (SPS policy `Use original IP address of the client`). Default own.",
  ).default("own"),
  failMode: oneOf(
    ["closed", "open"],
    "What happens when the way to SPS is lost: closed refuses the connections, open lets them pass directly and unaudited. Default closed.",
  ).default("closed"),
  existingConnections: oneOf(
    ["leave", "cut"],
    "Connections that exist when the redirection begins: leave lets them go on directly, cut diverts them too, which resets them. Default leave.",
  ).default("leave"),
});

/** A redirection as a user may write it. */
export type RedirectionInput = z.input<typeof redirectionSchema>;

/** A redirection after check; parts may be unknown in previews. */
export type CheckedRedirection = z.output<typeof redirectionSchema>;

/** A redirection with nothing unknown, as it is recorded. */
export type KnownRedirection = Known<CheckedRedirection>;

/** A redirection that is planned: every interface is a name, or stands for one until the router was read. */
export type Redirection = WithNames<KnownRedirection>;

type WithNames<T> = Omit<T, "clientInterfaces" | "spsInterface" | "serverInterfaces"> & {
  clientInterfaces: string[];
  spsInterface: string;
  serverInterfaces?: string[] | undefined;
};

/** How an interface that is not picked by name stands in rules: `{towards 10.0.0.0/24}`. */
export function pickText(pick: InterfacePick): string {
  if (typeof pick === "string") return pick;
  return "address" in pick ? `{address ${pick.address}}` : `{towards ${pick.towards}}`;
}

/** What a text of `pickText` is found by; undefined for names. */
export function pickOf(text: string): { address: string } | { towards: string } | undefined {
  const [, kind, value = ""] = /^\{(address|towards) ([\d./]+)\}$/.exec(text) ?? [];
  if (kind === undefined) return undefined;
  return kind === "address" ? { address: value } : { towards: value };
}

/** A redirection as it is planned: interfaces that are not picked by name stand there as texts. */
export function named(redirection: KnownRedirection): Redirection {
  const { clientInterfaces, spsInterface, serverInterfaces, ...rest } = redirection;
  return {
    ...rest,
    clientInterfaces: clientInterfaces.map(pickText),
    spsInterface: pickText(spsInterface),
    ...(serverInterfaces && { serverInterfaces: serverInterfaces.map(pickText) }),
  };
}

/** The same while nothing in it is unknown, else nothing. */
export function namedIfKnown(redirection: CheckedRedirection | Unknown): Redirection | undefined {
  const known = redirection === UNKNOWN ? undefined : (ifKnown(redirection) as KnownRedirection | undefined);
  return known && named(known);
}

/** Sorts what has no order of its own, so that two spellings of the same redirection are equal. */
export function canonicalRedirection(redirection: KnownRedirection): KnownRedirection {
  const { clientCidrs, serverInterfaces, ...rest } = redirection;
  return {
    ...rest,
    clientInterfaces: canonicalPicks(redirection.clientInterfaces),
    ...(clientCidrs && { clientCidrs: canonicalNetworks(clientCidrs) }),
    serverCidrs: canonicalNetworks(redirection.serverCidrs),
    ports: canonicalPorts(redirection.ports),
    ...(serverInterfaces && { serverInterfaces: canonicalPicks(serverInterfaces) }),
  };
}

function canonicalPicks<Pick extends InterfacePick>(picks: readonly Pick[]): Pick[] {
  const byText = new Map(picks.map((pick) => [pickText(pick), pick]));
  return [...byText].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, pick]) => pick);
}
