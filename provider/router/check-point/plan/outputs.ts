import type { InterfaceOutput } from "../../outputs";
import { interfaceOutputs, interfaceTexts } from "../../planning/interfaces";
import { type Desired, redirectionNames } from "../model/desired";
import type { Facts, Found } from "../model/found";
import type { CheckPointStatus } from "../model/status";
import { resolvedName } from "./interfaces";
import { desiredRules, foundRules } from "./lines";
import { ownPartOf, tableOf } from "./match";

/** The line that stands for the saved configuration. */
const SAVED = "saved configuration: equal to the running one";

/** The wanted state as lines of the output `rules`. */
export function wantedLines(wanted: Desired): string[] {
  return [...desiredRules(wanted), ...(wanted.isPersistent ? [SAVED] : [])];
}

/** The same lines as found. */
export function foundLines(wanted: Desired, found: Found, isSaved: boolean): string[] {
  return [...foundRules(wanted, found), ...(wanted.isPersistent && isSaved ? [SAVED] : [])];
}

/** The interfaces of the redirections, sorted by name. */
export function interfacesOf({ routes }: Desired, found: Found): InterfaceOutput[] {
  const texts = interfaceTexts(routes.map(({ redirection }) => redirection));
  return interfaceOutputs(texts, (text) => resolvedName(text, found), found.interfaces);
}

/** The outputs that only this platform has. */
export function statusOf(wanted: Desired, found: Found, facts: Facts): CheckPointStatus {
  const names = redirectionNames(wanted);
  return {
    hostname: found.hostname,
    version: facts.version ?? "",
    isClusterMember: facts.isClusterMember || found.hasVrrp,
    rules: found.rules.flatMap((rule) => {
      const redirection = ownPartOf(rule)?.redirection;
      if (redirection === undefined || !names.includes(redirection)) return [];
      return [{ redirection, priority: rule.priority, table: tableOf(rule) ?? "" }];
    }),
  };
}
