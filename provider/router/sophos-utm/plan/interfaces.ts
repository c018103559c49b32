import { onlyName, selectedByNameOrAddress } from "../../planning/interfaces";
import type { Desired, Leg } from "../model/desired";
import type { Found, FoundInterface } from "../model/found";

/** The interfaces that a text selects: by name as in WebAdmin, or by one of their addresses. */
export function selectedInterfaces(text: string, { interfaces }: Found): FoundInterface[] {
  return selectedByNameOrAddress(text, interfaces);
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
