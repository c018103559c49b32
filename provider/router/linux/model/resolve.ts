import { routerError } from "../../failures";
import { isInterfaceName } from "../../fields";
import { pickOf } from "../../redirection";
import { topologyProblems } from "../../topology";
import type { Chain, Desired } from "./desired";
import { chainOf } from "./desired";
import type { Found } from "./found";
import type { NextHop } from "./next-hops";

/** What an interface that is not picked by name is called on the router. */
type Names = (text: string) => string;

/** Every interface that the redirections name, as a text, once and in order. */
export function interfacesOf(chains: readonly Pick<Chain, "redirection">[]): string[] {
  const named = chains.flatMap(({ redirection: { clientInterfaces, spsInterface, serverInterfaces = [] } }) => [
    ...clientInterfaces,
    spsInterface,
    ...serverInterfaces,
  ]);
  return [...new Set(named)].sort();
}

/** The interface that a text stands for on a router: a name for itself; undefined when there is none. */
export function resolvedName(text: string, found: Found): string | undefined {
  const pick = pickOf(text);
  if (!pick) return text;
  if ("towards" in pick) return found.towards.get(pick.towards);
  const owners = [...found.links].filter(([, link]) =>
    link.addresses.some((address) => address.split("/")[0] === pick.address),
  );
  return owners[0]?.[0];
}

/** The same state with names in place of what interfaces are picked by, as far as the router has them. */
export function resolved(desired: Desired, found: Found): Desired {
  return renamed(desired, (text) => resolvedName(text, found) ?? text);
}

/** The same state with other names of interfaces. */
export function renamed(desired: Desired, names: Names): Desired {
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

/**
 * The same state with every interface by its name.
 * @throws SafeguardError SG3103 when an interface is not there, or two that must differ turn out to be the same.
 */
export function requireResolved(desired: Desired, found: Found, object: string): Desired {
  const step = "find the interfaces";
  for (const text of interfacesOf(desired.chains)) {
    const pick = pickOf(text);
    const name = resolvedName(text, found);
    if (!pick || (name !== undefined && isInterfaceName(name))) continue;
    if (name !== undefined) {
      // In rules it would stand for others too.
      const cause = `${text} is the interface ${name}, whose name has letters that rules cannot hold`;
      throw routerError("missingInterface", { object, step, cause, remedy: "pick another, or rename it" });
    }
    const there = [...found.links].map(([name, { addresses }]) => [name, ...addresses].join(" ")).join(", ");
    const cause =
      "address" in pick ? `no interface has the address ${pick.address}` : `the router has no route to ${pick.towards}`;
    const remedy = `correct it; the router has ${there}`;
    throw routerError("missingInterface", { object, step, cause, remedy });
  }
  const known = resolved(desired, found);
  if (known === desired) return desired;
  const [problem] = topologyProblems(known.chains.map((chain) => chain.redirection));
  if (!problem) return known;
  const names = interfacesOf(desired.chains)
    .filter((text) => pickOf(text))
    .map((text) => `${text} is ${resolvedName(text, found)}`);
  const cause = `${problem.reason} (${names.join(", ")})`;
  throw routerError("missingInterface", { object, step, cause, remedy: "pick other interfaces" });
}
