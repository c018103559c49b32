import { ifKnown, UNKNOWN, type Unknown } from "../../../core/unknown";
import type { InputFailure } from "../../../core/validate";
import type { CheckedRedirection, Redirection } from "../../redirection";
import type { CheckedLinuxOptions } from "../model/options";
import { backendInPreview } from "./backends";

/** Redirections that the wanted backend cannot express, each with the path of the property and the reason. */
export function backendProblems(
  redirections: readonly (CheckedRedirection | Unknown)[],
  { backend }: CheckedLinuxOptions,
): InputFailure[] {
  if (backend === UNKNOWN) return [];
  return redirections.flatMap((redirection, index) => {
    const known = ifKnown(redirection) as Redirection | undefined;
    if (!known) return [];
    return backendInPreview(backend)
      .limits(known)
      .map(({ property, reason }) => {
        const path = `redirections[${index}].${property}`;
        return { path, reason: `${path}: ${reason}` };
      });
  });
}
