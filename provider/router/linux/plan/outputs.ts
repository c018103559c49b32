import { chooseBackend } from "../backends/backends";
import type { Desired } from "../model/desired";
import type { Found } from "../model/found";
import { interfacesOf, resolved, resolvedName } from "../model/resolve";

/** An interface of the router that a redirection names. */
export interface InterfaceOutput {
  name: string;
  /** IPv4 addresses with prefix length. */
  addresses: string[];
  /** What the program picks it by, where that is not its name, such as `{towards 10.0.0.0/24}`. */
  pickedBy?: string[];
}

/** What a redirection has taken since its rules were last written. */
export interface CounterOutput {
  /** Name of the redirection. */
  redirection: string;
  /** Packets that matched the selection: with existingConnections leave, one for each connection. */
  selectedPackets: number;
  /** Packets sent on the way to SPS. */
  divertedPackets: number;
}

/** The interfaces that the redirections name, as found, in order of name. */
export function interfaceOutputs(desired: Desired, found: Found): InterfaceOutput[] {
  const texts = interfacesOf(desired.chains);
  const names = texts.flatMap((text) => resolvedName(text, found) ?? []);
  return [...new Set(names)].sort().flatMap((name) => {
    const link = found.links.get(name);
    const pickedBy = texts.filter((text) => text !== name && resolvedName(text, found) === name);
    return link ? [{ name, addresses: [...link.addresses], ...(pickedBy.length > 0 && { pickedBy }) }] : [];
  });
}

/** The packet counters of the redirections, in order of name; none with backend ip-rule. */
export function counterOutputs(desired: Desired, found: Found): CounterOutput[] {
  const { name } = chooseBackend(resolved(desired, found), found);
  const firewall = name === undefined || name === "ip-rule" ? undefined : found.firewalls.get(name);
  // Policy rules count nothing.
  if (!firewall) return [];
  return desired.chains.map((chain) => {
    const rules = firewall.table.chains.get(chain.name) ?? [];
    const sum = (kind: string) =>
      rules.filter(({ rule }) => rule?.target.kind === kind).reduce((total, { packets }) => total + packets, 0);
    return {
      redirection: chain.redirection.name,
      selectedPackets: sum("mark-connection"),
      divertedPackets: sum("mark-packet"),
    };
  });
}
