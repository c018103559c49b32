import type { CounterOutput, InterfaceOutput } from "../../outputs";
import { interfaceOutputs as outputsOf } from "../../planning/interfaces";
import { type Desired, redirectionNames } from "../model/desired";
import type { Found } from "../model/found";
import { parseAccessListName } from "../model/names";
import type { CiscoIosStatus, ProtectionKind, WatchState } from "../model/status";
import { interfaceTexts, resolvedName } from "./interfaces";
import { desiredRules, foundRules } from "./lines";
import { redirectionOf } from "./sequences";
import { bypassedAddresses } from "./watch-states";

/** The line that stands for the startup configuration. */
const SAVED = "startup-config: holds these lines";

/** The wanted state as lines of the output `rules`. */
export function wantedLines(wanted: Desired): string[] {
  return [...desiredRules(wanted), ...(wanted.isPersistent ? [SAVED] : [])];
}

/** The same lines as found. */
export function foundLines(wanted: Desired, found: Found, isSaved: boolean): string[] {
  return [...foundRules(wanted, found), ...(wanted.isPersistent && isSaved ? [SAVED] : [])];
}

/** The interfaces of the redirections, sorted by name. */
export function interfaceOutputs(wanted: Desired, found: Found): InterfaceOutput[] {
  return outputsOf(interfaceTexts(wanted), (text) => resolvedName(text, found), [...found.interfaces.values()]);
}

/** The outputs that only this platform has. */
export function statusOf(
  wanted: Desired,
  found: Found,
  protection: ProtectionKind,
  watches: WatchState[],
): CiscoIosStatus {
  const names = redirectionNames(wanted);
  const isOurs = (name: string | undefined) => name !== undefined && names.includes(name);
  const maps = new Set(found.sequences.filter((one) => isOurs(redirectionOf(one, found))).map(({ map }) => map));
  return {
    hostname: found.hostname,
    protection,
    routeMaps: [...found.interfaces.values()].flatMap(({ name, policy }) =>
      policy !== undefined && maps.has(policy) ? [{ interface: name, name: policy }] : [],
    ),
    accessLists: [...found.accessLists.keys()].filter((name) => isOurs(parseAccessListName(name)?.redirection)),
    watches,
    bypassed: bypassedAddresses(wanted, watches),
  };
}

/** Packets by redirection, from `show ip access-lists` and `show route-map`. */
export function counterOutputs(wanted: Desired, accessLists: string, routeMaps: string): CounterOutput[] {
  const selected = sums(accessLists, /^Extended IP access list (\S+)/, /\((\d+) match(?:es)?\)/);
  const diverted = sums(routeMaps, /^ +ip address \(access-lists\): (\S+)/, /^ +Policy routing matches: (\d+) packets/);
  return redirectionNames(wanted).map((redirection) => ({
    redirection,
    selectedPackets: selected.get(redirection) ?? 0,
    divertedPackets: diverted.get(redirection) ?? 0,
  }));
}

/** Sums of numbers by redirection; each number belongs to the access list that was named last before it. */
function sums(text: string, heading: RegExp, number: RegExp): Map<string, number> {
  const result = new Map<string, number>();
  let current: string | undefined;
  for (const line of text.split("\n")) {
    if (/^route-map |^\S.* access list /.test(line)) current = undefined;
    const name = heading.exec(line)?.[1];
    if (name !== undefined) current = parseAccessListName(name)?.redirection;
    const value = number.exec(line)?.[1];
    if (current !== undefined && value !== undefined) result.set(current, (result.get(current) ?? 0) + Number(value));
  }
  return result;
}
