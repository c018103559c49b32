import { interfaceSelector } from "../../fields";
import { hostOf } from "../../planning/addresses";
import { interfaceTexts as interfaceTextsOf, onlyName } from "../../planning/interfaces";
import type { Desired, Leg } from "../model/desired";
import type { Found, FoundInterface } from "../model/found";

/** Whether a text can be the name of a Cisco interface, whole or abbreviated: letters, then numbers. */
export function isInterfaceName(text: string): boolean {
  return /^[A-Za-z][A-Za-z-]*\d+([/.:]\d+)*$/.test(text);
}

/** The interfaces that a text selects: by name, by an abbreviation as `Gi0/1`, or by one of their addresses. */
export function selectedInterfaces(text: string, { interfaces }: Found): FoundInterface[] {
  const selector = interfaceSelector(text);
  const all = [...interfaces.values()];
  if (selector) return all.filter(({ addresses }) => addresses.some((one) => hostOf(one) === selector.value));
  const whole = interfaces.get(text);
  if (whole) return [whole];
  const [kind, number] = partsOf(text);
  return all.filter(({ name }) => {
    const [fullKind, fullNumber] = partsOf(name);
    return fullNumber === number && fullKind.startsWith(kind);
  });
}

/** The name of the interface that a text selects; the text itself when it selects none or several. */
export function resolvedName(text: string, found: Found): string {
  return onlyName(text, selectedInterfaces(text, found));
}

/** The same legs with the name of every interface that the router has. */
export function resolvedLegs({ legs }: Desired, found: Found): Leg[] {
  return legs.map((leg) => ({
    ...leg,
    interfaces: [...new Set(leg.interfaces.map((text) => resolvedName(text, found)))],
  }));
}

/** All interfaces of a state as the user wrote them, sorted. */
export function interfaceTexts({ legs }: Desired): string[] {
  return interfaceTextsOf(legs.map(({ redirection }) => redirection));
}

function partsOf(name: string): [kind: string, number: string] {
  const start = name.search(/\d/);
  return start < 0 ? [name.toLowerCase(), ""] : [name.slice(0, start).toLowerCase(), name.slice(start)];
}
