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
    "Interfaces on which the clients' packets arrive; not the interface of SPS.",
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
  spsInterface: routerInterface("Interface of the router on which SPS is directly reachable."),
  serverInterfaces: listOf(
    routerInterface("Interface of the router."),
    "Interfaces on which the servers' answers arrive. Required on Cisco with addressMode client; on Linux they are only checked, except with linux.backend ip-rule.",
  ).optional(),
  addressMode: oneOf(
    ["own", "client"],
    "Source address that the servers see. own: that of SPS. client: that of the client (SPS policy `Use original IP address of the client`).",
  ).default("own"),
  failMode: oneOf(
    ["closed", "open"],
    "What happens while the route to SPS is missing. closed: connections are refused. open: they pass directly and are not recorded.",
  ).default("closed"),
  existingConnections: oneOf(
    ["leave", "cut"],
    "Connections that exist when the redirection is applied. leave: they stay direct. cut: they are redirected too, which resets them; the only way on Cisco.",
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
