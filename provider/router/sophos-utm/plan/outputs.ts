import { interfaceOutputs, interfaceTexts } from "../../planning/interfaces";
import type { RouterReading } from "../../platform";
import { type Desired, redirectionNames } from "../model/desired";
import type { Found } from "../model/found";
import { redirectionOf } from "../model/names";
import type { SophosUtmStatus } from "../model/status";
import { resolvedName } from "./interfaces";
import { foundRules } from "./lines";

/** The part of a reading that goes to the state. A UTM reports no counters of policy routes. */
export function readingOf(wanted: Desired, found: Found): RouterReading<SophosUtmStatus> {
  const names = redirectionNames(wanted);
  const isOurs = ({ name }: { name: string }) => names.includes(redirectionOf(name) ?? "");
  const texts = interfaceTexts(wanted.legs.map(({ redirection }) => redirection));
  return {
    rules: foundRules(wanted, found),
    interfaces: interfaceOutputs(texts, (text) => resolvedName(text, found), found.interfaces),
    counters: [],
    status: {
      version: found.version,
      policyRoutes: found.routes.filter(isOurs).map(({ name, reference, position }) => ({ name, reference, position })),
      definitions: found.definitions.filter(isOurs).map(({ name }) => name),
    },
  };
}
