import type { Unknown } from "../../../core/unknown";
import { ifKnown } from "../../../core/unknown";
import type { InputFailure } from "../../../core/validate";
import { interfaceSelector } from "../../fields";
import { hostOf } from "../../planning/addresses";
import type { CheckedRedirection, Redirection } from "../../redirection";
import { type Chain, chainOf, type Desired } from "./desired";
import type { Found } from "./found";
import type { NextHop } from "./next-hops";

/** Names that the kernel settings use for all interfaces or for new ones. */
const RESERVED_NAMES = ["all", "default"];

/** Whether a text is a valid interface name and not a wildcard in any kind of rule. */
export function isInterfaceName(value: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9_.:-]{0,14}$/.test(value) && !RESERVED_NAMES.includes(value);
}

/** Interfaces whose names Linux does not allow. */
export function interfaceProblems(redirections: readonly (CheckedRedirection | Unknown)[]): InputFailure[] {
  return redirections.flatMap((redirection, index) => {
    const known = ifKnown(redirection) as Redirection | undefined;
    if (!known) return [];
    const path = `redirections[${index}]`;
    const lists = (["clientInterfaces", "serverInterfaces"] as const).flatMap((property) =>
      (known[property] ?? []).map((text, position) => ({ path: `${path}.${property}[${position}]`, text })),
    );
    return [...lists, { path: `${path}.spsInterface`, text: known.spsInterface }]
      .filter(({ text }) => !interfaceSelector(text) && !isInterfaceName(text))
      .map((one) => ({
        path: one.path,
        reason: `Invalid value for ${one.path}: ${one.text}. Allowed values are: the name of a Linux interface (1 to 15 letters, digits, dots, colons, dashes or underscores, no wildcard), "address:10.0.0.1" for the one with that address, "towards:10.0.0.0/24" for the one that the router reaches that network through.`,
      }));
  });
}

/** All interfaces of the redirections as text, sorted and without duplicates. */
export function interfacesOf(chains: readonly Pick<Chain, "redirection">[]): string[] {
  const used = chains.flatMap(({ redirection: { clientInterfaces, spsInterface, serverInterfaces = [] } }) => [
    ...clientInterfaces,
    spsInterface,
    ...serverInterfaces,
  ]);
  return [...new Set(used)].sort();
}

/** The name of the interface that a text selects on a router; undefined when there is none. */
export function resolvedName(text: string, found: Found): string | undefined {
  const selector = interfaceSelector(text);
  if (!selector) return text;
  if (selector.kind === "towards") return found.towards.get(selector.value);
  const owners = [...found.links].filter(([, link]) =>
    link.addresses.some((address) => hostOf(address) === selector.value),
  );
  return owners[0]?.[0];
}

/** The same state with the name of every selected interface that the router has. */
export function resolved(desired: Desired, found: Found): Desired {
  return renamed(desired, (text) => resolvedName(text, found) ?? text);
}

/** The same state with other interface names. */
export function renamed(desired: Desired, names: (text: string) => string): Desired {
  if (interfacesOf(desired.chains).every((text) => names(text) === text)) return desired;
  const hopOf = (hop: NextHop): NextHop => ({ ...hop, device: names(hop.device) });
  return {
    ...desired,
    hops: desired.hops.map(hopOf),
    chains: desired.chains.map(({ redirection, hop }) => {
      const { clientInterfaces, spsInterface, serverInterfaces } = redirection;
      const known = {
        ...redirection,
        clientInterfaces: clientInterfaces.map(names),
        spsInterface: names(spsInterface),
        ...(serverInterfaces && { serverInterfaces: serverInterfaces.map(names) }),
      };
      return chainOf(known, hopOf(hop));
    }),
  };
}
