import { ifKnown, UNKNOWN, type Unknown } from "../../../core/unknown";
import type { InputFailure } from "../../../core/validate";
import { interfaceSelector } from "../../fields";
import type { CheckedRedirection, Redirection } from "../../redirection";

/** Inputs that a Sophos UTM cannot have. */
export function redirectionProblems(redirections: readonly (CheckedRedirection | Unknown)[]): InputFailure[] {
  return redirections.flatMap((redirection, index) => {
    if (redirection === UNKNOWN) return [];
    const path = `redirections[${index}]`;
    const known = ifKnown(redirection) as Redirection | undefined;
    return [
      ...(redirection.existingConnections === "leave" ? [notByConnection(`${path}.existingConnections`)] : []),
      ...(known ? [...interfaceProblems(known, path), ...answerProblems(known, path)] : []),
    ];
  });
}

function notByConnection(path: string): InputFailure {
  const reason = `${path}: policy routes of platform sophos-utm also apply to existing connections; set it to cut`;
  return { path, reason };
}

function answerProblems({ addressMode, serverInterfaces }: Redirection, path: string): InputFailure[] {
  if (addressMode === "own" || serverInterfaces !== undefined) return [];
  const property = `${path}.serverInterfaces`;
  const reason = `${property}: it is missing; with addressMode client the answers of servers are redirected where they arrive`;
  return [{ path: property, reason }];
}

function interfaceProblems(redirection: Redirection, path: string): InputFailure[] {
  const lists = (["clientInterfaces", "serverInterfaces"] as const).flatMap((property) =>
    (redirection[property] ?? []).map((text, position) => ({ path: `${path}.${property}[${position}]`, text })),
  );
  return [...lists, { path: `${path}.spsInterface`, text: redirection.spsInterface }]
    .filter(({ text }) => interfaceSelector(text)?.kind === "towards")
    .map((one) => ({
      path: one.path,
      reason: `Invalid value for ${one.path}: ${one.text}. Allowed values are: the name of an interface in WebAdmin, "address:10.0.0.1" for the one with that address.`,
    }));
}
