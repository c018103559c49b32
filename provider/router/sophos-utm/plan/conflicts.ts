import type { SafeguardError } from "../../../core/errors";
import { ownerText } from "../../owner";
import { localAddresses, spsAddressRefusals } from "../../planning/addresses";
import { interfaceTexts } from "../../planning/interfaces";
import { refusal } from "../../planning/refusal";
import { topologyRefusals } from "../../planning/resolved-topology";
import { arePortsOverlapping } from "../../ports";
import type { Redirection } from "../../redirection";
import type { FoundRoute } from "../model/found";
import { redirectionOf } from "../model/names";
import { type PlanContext, partsOf, recordedOwner } from "./decision";
import { handMadeRoutes } from "./hand-made";
import { resolvedName, selectedInterfaces } from "./interfaces";
import { areMatchesOverlapping, matchOf } from "./overlap";
import { packetFilterWarnings } from "./packet-filter";
import { planChanges } from "./plan";
import { type Step, titleOf } from "./steps";

/** Every reason for which the router would refuse the change, or for which the change would break something. */
export function refusals(context: PlanContext): SafeguardError[] {
  const { found, object, taken, legs, wanted } = context;
  const redirections = [...new Set(legs.map(({ redirection }) => redirection))];
  const all = [
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
    ...(taken.length > 0 ? [] : lockRefusals(context)),
  ];
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
    const known = found.interfaces.map(({ name }) => name).join(", ") || "none";
    return [refusal("SG3103", object, `interface ${text} does not exist; Ethernet and VLAN interfaces: ${known}`)];
  }
  if (more.length > 0) {
    return [refusal("SG3103", object, `${text} selects several interfaces`, "give every interface a name of its own")];
  }
  if (one.addresses.length === 0) {
    const remedy = "use an interface with a fixed address";
    return [refusal("SG3103", object, `interface ${one.name} has no fixed IPv4 address`, remedy)];
  }
  if (one.isOn) return [];
  return [refusal("SG3104", object, `interface ${one.name} is turned off`, "turn it on in WebAdmin")];
}

function spsRefusals(redirection: Redirection, { found, object }: PlanContext): SafeguardError[] {
  const name = resolvedName(redirection.spsInterface, found);
  const towards = found.interfaces.find((one) => one.name === name);
  return spsAddressRefusals(redirection, towards, found.interfaces, object);
}

/** It is not documented whether policy routes also divert packets to the router itself. */
function managementRefusals(redirection: Redirection, context: PlanContext): SafeguardError[] {
  if (!arePortsOverlapping(redirection.ports, context.managementPorts)) return [];
  const [local] = ownAddresses(redirection, context);
  if (local === undefined) return [];
  const cause = `redirection ${redirection.name} may also send connections to WebAdmin or the shell at the router's own address ${local} to SPS`;
  const remedy = `take the router's own addresses out of serverCidrs, or the ports ${context.managementPorts.join(", ")} out of ports`;
  return [refusal("SG3112", context.object, cause, remedy)];
}

/** Interfaces of all kinds have a definition with their address. */
function ownAddresses(redirection: Redirection, { found, address }: PlanContext): string[] {
  const definitions = found.definitions.filter(({ type }) => type === "network/interface_address");
  return localAddresses(redirection, [
    ...found.interfaces.flatMap(({ addresses }) => addresses),
    ...definitions.map(({ values }) => String(values.address)),
    address,
  ]);
}

/** The first matching policy route decides, so overlapping redirections of other resources must lead to the same SPS. */
function overlapRefusals(context: PlanContext): SafeguardError[] {
  const { object, owned, taken } = context;
  const isOfOther = ({ name }: FoundRoute) => {
    const redirection = redirectionOf(name);
    return redirection !== undefined && !owned.has(redirection) && !taken.includes(redirection);
  };
  return overlaps(context, isOfOther).flatMap(({ redirection, route }) => {
    if (route.gateway === redirection.spsAddress) return [];
    const other = redirectionOf(route.name);
    const cause = `redirection ${redirection.name} overlaps with redirection ${other} of another resource, which goes to ${route.gateway}`;
    return [refusal("SG3204", object, cause)];
  });
}

/** What was typed by hand after the vendor's guide is replaced only on request. */
function handMadeRefusals({ object, found, legs, adopted }: PlanContext): SafeguardError[] {
  return handMadeRoutes(legs, found)
    .filter(({ route }) => !adopted.has(route.reference))
    .map(({ route, redirection }) => {
      const cause = `policy route "${route.name}" already sends traffic of redirection ${redirection} to SPS`;
      return refusal("SG3205", object, cause);
    });
}

/** Pairs of a wanted redirection and a policy route that is on and has traffic in common. */
function overlaps({ legs, found }: PlanContext, isConcerned: (route: FoundRoute) => boolean) {
  const routes = found.routes.filter((route) => route.isOn && route.position > 0 && isConcerned(route));
  return legs.flatMap((leg) =>
    leg.interfaces.flatMap((name) =>
      routes
        .filter(({ match }) => areMatchesOverlapping(match, matchOf(leg, name)))
        .map((route) => ({ redirection: leg.redirection, route })),
    ),
  );
}

/** A locked object cannot be changed or deleted. */
function lockRefusals(context: PlanContext): SafeguardError[] {
  const { prepare, activate, clean } = planChanges(context);
  const { found, object, isOverridingLocks, owned } = context;
  const parts = [
    ...[...owned].flatMap((name) => partsOf(name, found)),
    ...found.routes.filter(({ reference }) => context.adopted.has(reference)),
  ];
  const lockOf = ({ key }: Step) => parts.find(({ reference }) => reference === key.reference)?.lock ?? "";
  return [...prepare, ...activate, ...clean].flatMap((step) => {
    const lock = lockOf(step);
    const text = `the change needs "${titleOf(step)}", and this object is locked by`;
    if (lock === "global") return [refusal("SG3210", object, `${text} the system`, "ask the vendor's support")];
    return lock === "user" && !isOverridingLocks ? [refusal("SG3210", object, `${text} a user`)] : [];
  });
}

/** What may break a redirection or lets traffic pass it, one sentence each. */
export function warnings(context: PlanContext): string[] {
  const { found, legs, owned, adopted, isOurs } = context;
  const redirections = [...new Set(legs.map(({ redirection }) => redirection))];
  const local = redirections.flatMap((redirection) => {
    const [address] = ownAddresses(redirection, context);
    if (address === undefined) return [];
    return `redirection ${redirection.name} may also send connections to the router's own address ${address} to SPS`;
  });
  const isForeign = ({ name, reference }: FoundRoute) => redirectionOf(name) === undefined && !adopted.has(reference);
  const foreign = overlaps(context, isForeign).map(
    ({ redirection, route }) =>
      `redirection ${redirection.name} takes traffic from policy route "${route.name}", because it is above it`,
  );
  const kept = [...owned].flatMap((redirection) =>
    partsOf(redirection, found)
      .filter((part) => !isOurs(part))
      .map(({ name }) => `${name} is kept, because its comment does not record this resource as its owner`),
  );
  const strict =
    legs.length > 0 && found.spoofProtection === "strict"
      ? ["spoof protection is strict, which may drop the answers of SPS, because they have the addresses of servers"]
      : [];
  return [...new Set([...local, ...foreign, ...kept, ...strict, ...packetFilterWarnings(context)])];
}
