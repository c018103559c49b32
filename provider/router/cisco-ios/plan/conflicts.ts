import type { SafeguardError } from "../../../core/errors";
import { ownerText } from "../../owner";
import { localAddresses, spsAddressRefusals } from "../../planning/addresses";
import { refusal } from "../../planning/refusal";
import { arePortsOverlapping } from "../../ports";
import type { Redirection } from "../../redirection";
import type { Leg } from "../model/desired";
import type { FoundInterface } from "../model/found";
import { accessListsOf, type PlanContext, recordedOwner } from "./decision";
import { extendedMap, extensionRefusals, extensionWarnings } from "./extension";
import { interfaceTexts, resolvedName, selectedInterfaces } from "./interfaces";
import { areEntriesOverlapping } from "./overlap";
import { namedRedirection, ownMapName, redirectionOf } from "./sequences";

/** Ports on which a router is managed: SSH and Telnet. The port of the connection may be a forwarded one. */
const MANAGEMENT_PORTS = [22, 23];

/** Every reason for which the router would refuse the change, or for which the change would break something. */
export function refusals(context: PlanContext): SafeguardError[] {
  const { wanted, found, object, taken, legs } = context;
  const isRouting = wanted.legs.length === 0 || found.isRouting;
  const all = [
    ...interfaceTexts(wanted).flatMap((text) => interfaceRefusals(text, context)),
    ...(isRouting
      ? []
      : [refusal("SG3105", object, "the configuration has `no ip routing`", "enter `ip routing` on the router")]),
    ...taken.map((name) => {
      const owner = recordedOwner(accessListsOf(name, found));
      const whose = owner ? `belongs to ${ownerText(owner)}` : "records no resource as its owner";
      return refusal("SG3201", object, `redirection ${name} exists and ${whose}`);
    }),
    ...mixedRefusals(context),
    ...legs.flatMap((leg) => [
      ...spsRefusals(leg.redirection, context),
      ...managementRefusals(leg.redirection, context),
      ...leg.interfaces.flatMap((name) => [
        ...routeMapRefusals(name, leg, context),
        ...overlapRefusals(name, leg, context),
      ]),
    ]),
  ];
  // Redirections may share an interface or an SPS.
  return [...new Map(all.map((one) => [one.message, one])).values()];
}

/** @throws SafeguardError with the first refusal */
export function requirePreconditions(context: PlanContext): void {
  const [first] = refusals(context);
  if (first) throw first;
}

function interfaceRefusals(text: string, { found, object }: PlanContext): SafeguardError[] {
  const [one, ...more] = selectedInterfaces(text, found);
  if (!one) {
    const names = [...found.interfaces.values()].filter(({ addresses }) => addresses.length > 0);
    const known = names.map(({ name }) => name).join(", ") || "none";
    return [refusal("SG3103", object, `interface ${text} does not exist; interfaces with an address: ${known}`)];
  }
  if (more.length > 0) {
    const names = [one, ...more].map(({ name }) => name).join(", ");
    return [refusal("SG3103", object, `${text} selects several interfaces: ${names}`, "write the whole name")];
  }
  const { name, vrf, isBridged, isShutDown, addresses } = one;
  const unusable = (why: string, remedy: string) => [refusal("SG3103", object, `interface ${name} ${why}`, remedy)];
  if (vrf !== undefined) return unusable(`is in VRF ${vrf}`, "use interfaces outside of VRFs");
  if (isBridged) return unusable("is a port of a switch or channel", "use the routed interface above it");
  if (addresses.length === 0) return unusable("has no fixed IPv4 address", "use an interface with `ip address`");
  if (!isShutDown) return [];
  return [refusal("SG3104", object, `interface ${name} is shut down`, "enter `no shutdown` on it")];
}

function spsRefusals(redirection: Redirection, { found, object }: PlanContext): SafeguardError[] {
  const towards = found.interfaces.get(resolvedName(redirection.spsInterface, found));
  const refused = spsAddressRefusals(redirection, towards, [...found.interfaces.values()], object);
  if (refused.length > 0 || !towards) return refused;
  const { name, hasStrictSourceCheck } = towards;
  if (!hasStrictSourceCheck) return [];
  const cause = `interface ${name} verifies source addresses strictly, so it drops the answers of SPS, which have the addresses of servers`;
  return [refusal("SG3111", object, cause)];
}

/** Policy routing also diverts packets to the router itself. */
function managementRefusals(redirection: Redirection, context: PlanContext): SafeguardError[] {
  if (!arePortsOverlapping(redirection.ports, MANAGEMENT_PORTS)) return [];
  const [local] = ownAddresses(redirection, context);
  if (local === undefined) return [];
  const cause = `redirection ${redirection.name} would also send SSH and Telnet connections to the router's own address ${local} to SPS`;
  return [refusal("SG3112", context.object, cause)];
}

/** The router's own addresses among the servers of a redirection. */
function ownAddresses(redirection: Redirection, { found }: PlanContext): string[] {
  const all = [...found.interfaces.values()];
  return localAddresses(
    redirection,
    all.flatMap(({ addresses, virtualAddresses }) => [...addresses, ...virtualAddresses]),
  );
}

function routeMapRefusals(name: string, leg: Leg, context: PlanContext): SafeguardError[] {
  const { found, object, handTyped, isAdopting, wanted } = context;
  const policy = found.interfaces.get(name)?.policy;
  const own = ownMapName(name, found);
  if (policy !== undefined && policy !== own) {
    if (handTyped.some(({ map }) => map === policy)) return [];
    if (wanted.extend) return extensionRefusals(policy, wanted.extend, leg, context);
    const kept = isAdopting ? ", and its sequences are not just the traffic of these redirections to their SPS" : "";
    const cause = `interface ${name} has route-map ${policy}, and an interface can have only one${kept}`;
    return [refusal("SG3208", object, cause)];
  }
  const foreign = found.sequences.find((one) => one.map === own && redirectionOf(one, found) === undefined);
  if (!foreign) return [];
  const cause = `route-map ${own} has sequence ${foreign.number}, which belongs to no redirection`;
  return [refusal("SG3208", object, cause)];
}

/** Sequences of others with an access list of a redirection, which may match everything once it is gone. */
function mixedRefusals({ found, object, owned }: PlanContext): SafeguardError[] {
  return found.sequences.flatMap((one) => {
    const named = namedRedirection(one);
    if (named === undefined || !owned.has(named) || redirectionOf(one, found) !== undefined) return [];
    const cause = `sequence ${one.number} of route-map ${one.map} matches the access list of redirection ${named} and has other clauses`;
    return [refusal("SG3208", object, cause, "remove the access list from this sequence")];
  });
}

/** The first matching sequence decides, so overlapping redirections of other resources must lead to the same SPS. */
function overlapRefusals(name: string, leg: Leg, context: PlanContext): SafeguardError[] {
  const { found, object, owned } = context;
  const map = extendedMap(name, context) ?? ownMapName(name, found);
  const { name: own, spsAddress } = leg.redirection;
  return found.sequences.flatMap((sequence) => {
    const other = redirectionOf(sequence, found);
    const [hop] = [...sequence.verifiedHops.map(({ address }) => address), ...sequence.nextHops];
    const isOther = sequence.map === map && other !== undefined && !owned.has(other);
    if (!isOther || hop === undefined || hop === spsAddress) return [];
    const entries = sequence.accessLists.flatMap((list) => found.accessLists.get(list)?.entries ?? []);
    if (!areEntriesOverlapping(leg.entries, entries)) return [];
    const cause = `redirection ${own} overlaps with redirection ${other} of another resource, which goes to ${hop}`;
    return [refusal("SG3204", object, cause)];
  });
}

/** The most entries of access lists that the hardware of older switches can hold. */
const MOST_ENTRIES = 512;

/** What may break a redirection or lets traffic pass it, one sentence each. */
export function warnings(context: PlanContext): string[] {
  const { wanted, found, legs } = context;
  const { extend } = wanted;
  const extended = legs.flatMap((leg) =>
    leg.interfaces.flatMap((name) => {
      const map = extendedMap(name, context);
      return map !== undefined && extend ? extensionWarnings(map, extend, leg, context) : [];
    }),
  );
  const used = [...new Set(interfaceTexts(wanted).map((text) => resolvedName(text, found)))];
  const interfaces = used.flatMap((name): FoundInterface[] => {
    const one = found.interfaces.get(name);
    return one ? [one] : [];
  });
  const local = legs
    .filter(({ direction }) => direction === "in")
    .flatMap(({ redirection }) => {
      const [address] = ownAddresses(redirection, context);
      if (address === undefined) return [];
      return `redirection ${redirection.name} also sends connections to the router's own address ${address} to SPS`;
    });
  const count = legs.reduce((sum, { entries }) => sum + entries.length, 0);
  return [
    ...local,
    ...new Set(extended),
    ...found.otherLines
      .filter((line) => legs.length > 0 && line.startsWith("ip local policy route-map "))
      .map((line) => `\`${line}\` also routes the router's own packets, such as its probes of SPS`),
    ...interfaces.flatMap(({ name, filters }) =>
      filters.map((line) => `interface ${name} has \`${line}\`, which may drop or change packets of the redirections`),
    ),
    ...interfaces
      .filter(
        ({ name, hasIpv6 }) => hasIpv6 && legs.some((leg) => leg.direction === "in" && leg.interfaces.includes(name)),
      )
      .map(({ name }) => `interface ${name} has IPv6, which is not redirected`),
    ...(count > MOST_ENTRIES
      ? [`${count} entries of access lists; older switches hold ${MOST_ENTRIES} in hardware`]
      : []),
  ];
}
