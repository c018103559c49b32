import { onlyName, selectedByNameOrAddress } from "../../planning/interfaces";
import type { Route } from "../model/desired";
import type { Found, FoundInterface } from "../model/found";

/** The interfaces that a text selects: by name, or by one of their addresses. */
export function selectedInterfaces(text: string, { interfaces }: Found): FoundInterface[] {
  return selectedByNameOrAddress(text, interfaces);
}

/** The name of the interface that a text selects; the text itself when it selects none or several. */
export function resolvedName(text: string, found: Found): string {
  return onlyName(text, selectedInterfaces(text, found));
}

/** The same routes with the name of every interface that the router has. */
export function resolvedRoutes(routes: readonly Route[], found: Found): Route[] {
  return routes.map((route) => ({
    ...route,
    selectors: route.selectors.map((one) => ({ ...one, interface: resolvedName(one.interface, found) })),
  }));
}
