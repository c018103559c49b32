import { ifKnown, type Unknown } from "../../core/unknown";
import type { InputFailure } from "../../core/validate";
import type { CheckedRedirection, Redirection } from "../redirection";

/** A platform that decides about each packet, and not about connections. */
export interface PacketPlatform {
  /** Whether a text can select an interface. */
  isInterface(text: string): boolean;
  /** The texts that can. */
  interfaces: string;
}

/** Inputs that a router cannot have that decides about each packet. */
export function packetProblems(
  redirections: readonly (CheckedRedirection | Unknown)[],
  platform: PacketPlatform,
): InputFailure[] {
  return redirections.flatMap((redirection, index) => {
    const path = `redirections[${index}]`;
    const known = ifKnown(redirection) as Redirection | undefined;
    return known ? [...interfaceProblems(known, path, platform), ...answerProblems(known, path)] : [];
  });
}

function answerProblems({ addressMode, serverInterfaces }: Redirection, path: string): InputFailure[] {
  if (addressMode === "own" || serverInterfaces !== undefined) return [];
  const property = `${path}.serverInterfaces`;
  const reason = `${property}: it is missing; with addressMode client the answers of servers are redirected where they arrive`;
  return [{ path: property, reason }];
}

function interfaceProblems(
  redirection: Redirection,
  path: string,
  { isInterface, interfaces }: PacketPlatform,
): InputFailure[] {
  const lists = (["clientInterfaces", "serverInterfaces"] as const).flatMap((property) =>
    (redirection[property] ?? []).map((text, position) => ({ path: `${path}.${property}[${position}]`, text })),
  );
  return [...lists, { path: `${path}.spsInterface`, text: redirection.spsInterface }]
    .filter(({ text }) => !isInterface(text))
    .map((one) => ({
      path: one.path,
      reason: `Invalid value for ${one.path}: ${one.text}. Allowed values are: ${interfaces}.`,
    }));
}
