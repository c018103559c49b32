import { areRangesOverlapping, isRangeWithin } from "../../../core/ranges";
import type { PortRange } from "../../ports";
import type { Chain } from "../model/desired";
import { type Flow, flowsOf, type Topology } from "./flows";
import type { BaseChain, Rule } from "./rules/ruleset";
import { hitsIn } from "./walk";

/**
 * Warnings about rules that translate another address to a protected server: connections of clients to that address
 * match no redirection.
 */
export function serverAccessTexts(base: BaseChain, { redirection, hop }: Chain, topology: Topology): string[] {
  if (base.hook !== "prerouting") return [];
  const [opening] = flowsOf(redirection, hop, topology);
  if (!opening) return [];
  const { destinations: servers = [], destinationPorts: ports = [], ...others } = opening;
  const anywhere: Flow = { ...others, packetMark: 0, connectionMark: 0, mayBeLocal: true };
  const texts = hitsIn(base, anywhere).flatMap(({ rule, action }) => {
    if (action.kind !== "destination-nat" || !action.to || isRedirected(rule, servers, ports)) return [];
    const to = action.to;
    const isToServer = servers.some((server) => areRangesOverlapping(server, to));
    const reached = action.ports ? [action.ports] : portsOf(rule);
    const isToPort = reached.some((one) => ports.some((port) => areRangesOverlapping(port, one)));
    if (!isToServer || !isToPort) return [];
    return [
      `rule "${rule.text}" leads clients to a server of redirection ${redirection.name} under another address: these connections match no redirection, go direct and are not recorded; name that address and port in a redirection too, or remove the rule`,
    ];
  });
  return [...new Set(texts)];
}

/** Whether the redirection marks all packets of the rule already, because they have the address of a server. */
function isRedirected(rule: Rule, servers: Flow["destinations"] & object, ports: readonly PortRange[]): boolean {
  const destination = rule.tests.find((test) => test.on === "destination" && !test.isNegated);
  if (destination?.on !== "destination") return false;
  const isServer = destination.ranges.every((one) => servers.some((server) => isRangeWithin(one, server)));
  return isServer && portsOf(rule).every((one) => ports.some((port) => isRangeWithin(one, port)));
}

const ANY_PORT: PortRange = { first: 1, last: 65535 };

function portsOf({ tests }: Rule): readonly PortRange[] {
  const test = tests.find((one) => one.on === "destinationPort" && !one.isNegated);
  return test?.on === "destinationPort" ? test.ranges : [ANY_PORT];
}
