import type { SafeguardError } from "../../../core/errors";
import { ownerText } from "../../owner";
import { localAddresses, spsAddressRefusals } from "../../planning/addresses";
import { interfaceTexts } from "../../planning/interfaces";
import { refusal } from "../../planning/refusal";
import { topologyRefusals } from "../../planning/resolved-topology";
import { arePortsOverlapping } from "../../ports";
import type { Redirection } from "../../redirection";
import type { Facts, FoundRule } from "../model/found";
import { type PlanContext, recordedOwner } from "./decision";
import { resolvedName, selectedInterfaces } from "./interfaces";
import { gatewayOf, isOverlapping, ownPartOf, tableOf } from "./match";
import { isHandMadeFor, planChanges } from "./plan";

/** Usual ports of SSH and of the Gaia Portal, which are also on the gateway itself. */
const MANAGEMENT_PORTS = [22, 443];

/** The first version whose PBR rules match protocols and ports. */
const FIRST_VERSION = [77, 30];

/** Every reason for which the router would refuse the change, or for which the change would break something. */
export function refusals(context: PlanContext, facts: Facts): SafeguardError[] {
  const { wanted, found, object, taken } = context;
  const redirections = wanted.routes.map(({ redirection }) => redirection);
  const all = [
    ...factRefusals(facts, object),
    ...interfaceTexts(redirections).flatMap((text) => interfaceRefusals(text, context)),
    ...topologyRefusals(redirections, (text) => resolvedName(text, found), object),
    ...taken.map((name) => {
      const owner = recordedOwner(name, found, wanted.owner);
      const whose = owner ? `belongs to ${ownerText(owner)}` : "records no resource as its owner";
      return refusal("SG3201", object, `redirection ${name} exists and ${whose}`);
    }),
    ...redirections.flatMap((redirection) => [
      ...spsRefusals(redirection, context),
      ...managementRefusals(redirection, context),
    ]),
    ...overlapRefusals(context),
    ...handMadeRefusals(context),
  ];
  return [...new Map(all.map((one) => [one.message, one])).values()];
}

/** @throws SafeguardError with the first refusal */
export function requirePreconditions(context: PlanContext, facts: Facts): void {
  const [first] = refusals(context, facts);
  if (first) throw first;
}

function factRefusals({ version, hasVirtualSystems }: Facts, object: string): SafeguardError[] {
  const lacking = (cause: string, remedy: string) => [refusal("SG3101", object, cause, remedy)];
  if (version === undefined) {
    return lacking(
      "`show version all` reports no version of Gaia",
      "use a gateway with Gaia and a full Clish, or give the user the role adminRole",
    );
  }
  const [major = 0, minor = 0] = /\d+(?:\.\d+)?/.exec(version)?.[0].split(".").map(Number) ?? [];
  const [firstMajor = 0, firstMinor = 0] = FIRST_VERSION;
  if (major < firstMajor || (major === firstMajor && minor < firstMinor)) {
    return lacking(`PBR rules of Gaia ${version} match no ports`, "update the gateway to Gaia R77.30 or later");
  }
  if (!hasVirtualSystems) return [];
  return lacking("it has virtual systems, which this platform cannot select", "use a gateway without VSX");
}

function interfaceRefusals(text: string, { found, object }: PlanContext): SafeguardError[] {
  const [one, ...more] = selectedInterfaces(text, found);
  if (!one) {
    const known = found.interfaces.map(({ name }) => name).join(", ") || "none";
    return [refusal("SG3103", object, `interface ${text} does not exist; interfaces: ${known}`)];
  }
  if (more.length > 0) {
    const names = [one, ...more].map(({ name }) => name).join(", ");
    return [refusal("SG3103", object, `${text} selects several interfaces: ${names}`, "write the name")];
  }
  if (one.addresses.length === 0) {
    const remedy = "use an interface with a fixed address";
    return [refusal("SG3103", object, `interface ${one.name} has no fixed IPv4 address`, remedy)];
  }
  if (one.isOn) return [];
  const remedy = `enter \`set interface ${one.name} state on\``;
  return [refusal("SG3104", object, `interface ${one.name} is turned off`, remedy)];
}

function spsRefusals(redirection: Redirection, { found, object }: PlanContext): SafeguardError[] {
  const name = resolvedName(redirection.spsInterface, found);
  const towards = found.interfaces.find((one) => one.name === name);
  return spsAddressRefusals(redirection, towards, found.interfaces, object);
}

/** It is not documented whether policy-based routing also diverts packets to the gateway itself. */
function managementRefusals(redirection: Redirection, context: PlanContext): SafeguardError[] {
  const { access, found } = context;
  const managementPorts = [...new Set([...MANAGEMENT_PORTS, access.port, found.portalPort])];
  if (!arePortsOverlapping(redirection.ports, managementPorts)) return [];
  const [local] = ownAddresses(redirection, context);
  if (local === undefined) return [];
  const cause = `redirection ${redirection.name} may also send connections to SSH or the Gaia Portal at the router's own address ${local} to SPS`;
  const remedy = `take the router's own addresses out of serverCidrs, or the ports ${managementPorts.join(" and ")} out of ports`;
  return [refusal("SG3112", context.object, cause, remedy)];
}

/** The address of the connection may be one that the configuration does not show, such as that of a cluster. */
function ownAddresses(redirection: Redirection, { found, access }: PlanContext): string[] {
  return localAddresses(redirection, [...found.interfaces.flatMap(({ addresses }) => addresses), access.address]);
}

/** Pairs of a wanted redirection and a rule with an action that has traffic in common. */
function overlaps({ routes, found }: PlanContext, isConcerned: (rule: FoundRule) => boolean) {
  const rules = found.rules.filter((rule) => rule.action !== undefined && isConcerned(rule));
  return routes.flatMap(({ redirection, selectors }) =>
    rules
      .filter((rule) => selectors.some((selector) => isOverlapping(rule, selector)))
      .map((rule) => ({ redirection, selectors, rule })),
  );
}

/** The first matching rule decides, so overlapping redirections of other resources must lead to the same SPS. */
function overlapRefusals(context: PlanContext): SafeguardError[] {
  const { object, owned, taken, found } = context;
  const isOfOther = (rule: FoundRule) => {
    const part = ownPartOf(rule);
    return part?.role === "hop" && !owned.has(part.redirection) && !taken.includes(part.redirection);
  };
  return overlaps(context, isOfOther).flatMap(({ redirection, rule }) => {
    const gateway = gatewayOf(tableOf(rule), found);
    if (gateway === redirection.spsAddress) return [];
    const other = ownPartOf(rule)?.redirection;
    const cause = `redirection ${redirection.name} overlaps with redirection ${other} of another resource, which goes to ${gateway}`;
    return [refusal("SG3204", object, cause)];
  });
}

const isForeign = (rule: FoundRule) => ownPartOf(rule) === undefined;

function handMadeRefusals(context: PlanContext): SafeguardError[] {
  const { object, found, isAdopting } = context;
  if (isAdopting) return [];
  return overlaps(context, isForeign)
    .filter(({ redirection, selectors, rule }) => isHandMadeFor(rule, redirection.spsAddress, selectors, found))
    .map(({ redirection, rule }) => {
      const cause = `PBR rule ${rule.priority} already sends traffic of redirection ${redirection.name} to SPS`;
      return refusal("SG3205", object, cause);
    });
}

/** What may break a redirection or lets traffic pass it, one sentence each. */
export function warnings(context: PlanContext, { isClusterMember }: Facts): string[] {
  const { found, routes, priorities } = context;
  const isChanging = planChanges(context).length > 0;
  const foreign = overlaps(context, isForeign)
    .filter(({ redirection, selectors, rule }) => !isHandMadeFor(rule, redirection.spsAddress, selectors, found))
    .map(({ redirection: { name }, rule: { priority } }) =>
      priority < priorities.first
        ? `PBR rule ${priority} takes traffic from redirection ${name}, because its priority is lower than ${priorities.first}`
        : `redirection ${name} takes traffic from PBR rule ${priority}, because its rules are evaluated first`,
    );
  const local = routes.flatMap(({ redirection }) => {
    const [address] = ownAddresses(redirection, context);
    if (address === undefined) return [];
    return `redirection ${redirection.name} may also send connections to the router's own address ${address} to SPS`;
  });
  const towards = new Set(routes.map(({ redirection }) => resolvedName(redirection.spsInterface, found)));
  const clients = new Set(routes.flatMap(({ selectors }) => selectors.map((one) => one.interface)));
  return [
    ...new Set([...foreign, ...local]),
    ...found.interfaces
      .filter(({ name, hasIpv6 }) => hasIpv6 && clients.has(name))
      .map(({ name }) => `interface ${name} has IPv6, which is not redirected`),
    ...(isChanging && routes.length > 0 ? policyWarnings([...towards]) : []),
    ...(isClusterMember || found.hasVrrp
      ? ["it is a member of a cluster, and PBR is set on each member; declare the same redirections for every member"]
      : []),
  ];
}

/** What is in the policy of the firewall, which Clish does not show. */
function policyWarnings(towards: readonly string[]): string[] {
  const names = towards.join(", ");
  return [
    `anti-spoofing of interface ${names} cannot be read here: it drops the answers of SPS, which have the addresses of servers, unless the topology of this interface in SmartConsole contains them`,
    "the access policy cannot be read here: it must accept clients to servers, and SPS to servers, on the ports of the redirections",
  ];
}
