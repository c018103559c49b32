import type { SafeguardError } from "../../core/errors";
import type { Redirection } from "../redirection";
import { topologyProblems } from "../topology";
import { refusal } from "./refusal";

/** The same checks as of the inputs, with one name for every interface. `nameOf` gives the name that a text selects. */
export function topologyRefusals(
  redirections: readonly Redirection[],
  nameOf: (text: string) => string,
  object: string,
): SafeguardError[] {
  const resolved = redirections.map((one) => ({
    ...one,
    clientInterfaces: one.clientInterfaces.map(nameOf),
    ...(one.serverInterfaces && { serverInterfaces: one.serverInterfaces.map(nameOf) }),
    spsInterface: nameOf(one.spsInterface),
  }));
  return topologyProblems(resolved).map(({ reason }) => {
    const cause = reason.replace(/^redirections\[(\d+)\]/, (_, index) => `redirection ${resolved[index]?.name}`);
    return refusal("SG3103", object, cause.replace(/; .*/, ""), "use other interfaces");
  });
}
