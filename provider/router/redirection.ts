import { z } from "zod";
import { listOf, oneOf } from "../core/fields";
import type { Known } from "../core/unknown";
import { hostAddress, portOrRange, redirectionName, routerInterface, trafficNetwork } from "./fields";
import { canonicalNetworks } from "./networks";
import { canonicalPorts } from "./ports";

/**
 * One redirection: which traffic, to which SPS, and what happens when SPS is unreachable. The same on every platform.
 */
export const redirectionSchema = z.strictObject({
  name: redirectionName("Name of the redirection; unique on the router, where it identifies the rules."),
  clientInterfaces: listOf(
    routerInterface("Interface of the router."),
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
  spsInterface: routerInterface("Interface of the router that SPS is reached on."),
  serverInterfaces: listOf(
    routerInterface("Interface of the router."),
    "Interfaces that the servers' answers arrive on. Not needed for redirecting; when given, they are checked.",
  ).optional(),
  addressMode: oneOf(
    ["own", "client"],
    "Whose address the servers see: SPS's own, or the client's (SPS policy `Use original IP address of the client`). Default own.",
  ).default("own"),
  failMode: oneOf(
    ["closed", "open"],
    "What happens when the route to SPS is lost: closed refuses the connections, open lets them pass directly and unaudited. Default closed.",
  ).default("closed"),
  existingConnections: oneOf(
    ["leave", "cut"],
    "Connections that exist when the redirection begins: leave lets them go on directly, cut diverts them too, which resets them. Default leave.",
  ).default("leave"),
});

/** A redirection as the user writes it. */
export type RedirectionInput = z.input<typeof redirectionSchema>;

/** A redirection after check; parts may be unknown in previews. */
export type CheckedRedirection = z.output<typeof redirectionSchema>;

/** A redirection without unknown parts. */
export type Redirection = Known<CheckedRedirection>;

/** Sorts lists whose order has no meaning, so that equal redirections compare as equal. */
export function canonicalRedirection(redirection: Redirection): Redirection {
  const { clientCidrs, serverInterfaces, ...rest } = redirection;
  return {
    ...rest,
    clientInterfaces: canonicalTexts(redirection.clientInterfaces),
    ...(clientCidrs && { clientCidrs: canonicalNetworks(clientCidrs) }),
    serverCidrs: canonicalNetworks(redirection.serverCidrs),
    ports: canonicalPorts(redirection.ports),
    ...(serverInterfaces && { serverInterfaces: canonicalTexts(serverInterfaces) }),
  };
}

function canonicalTexts(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort();
}
