import { ifKnown, type Unknown } from "../core/unknown";
import type { InputFailure } from "../core/validate";
import { areNetworksOverlapping } from "./networks";
import { arePortsOverlapping } from "./ports";
import type { CheckedRedirection, Redirection } from "./redirection";

/** The fields that decide whether a packet can match two redirections. */
export type Selector = Pick<Redirection, "clientInterfaces" | "clientCidrs" | "serverCidrs" | "ports">;

/**
 * Redirections that cannot work on any router, each with the path of the property and the reason. Unknown parts are
 * skipped; they are checked once they are known.
 */
export function topologyProblems(redirections: readonly (CheckedRedirection | Unknown)[]): InputFailure[] {
  const known = redirections.map((redirection) => ifKnown(redirection) as Redirection | undefined);
  return known.flatMap((redirection, index) => {
    if (!redirection) return [];
    const path = `redirections[${index}]`;
    const earlier = known.slice(0, index).filter((other) => other !== undefined);
    return [...ownProblems(redirection, path), ...earlier.flatMap((other) => pairProblems(other, redirection, path))];
  });
}

/** Whether a packet can match both selectors. */
export function areOverlapping(left: Selector, right: Selector): boolean {
  return (
    left.clientInterfaces.some((name) => right.clientInterfaces.includes(name)) &&
    areListsOverlapping(left.clientCidrs, right.clientCidrs) &&
    areListsOverlapping(left.serverCidrs, right.serverCidrs) &&
    arePortsOverlapping(left.ports, right.ports)
  );
}

function ownProblems(redirection: Redirection, path: string): InputFailure[] {
  const { clientInterfaces, serverInterfaces = [], spsInterface, spsAddress, serverCidrs, addressMode } = redirection;
  const problems: InputFailure[] = [];
  const add = (property: string, reason: string) =>
    problems.push({ path: `${path}.${property}`, reason: `${path}.${property}: ${reason}` });
  if (clientInterfaces.includes(spsInterface)) {
    add("clientInterfaces", `${spsInterface} is also spsInterface; SPS needs an interface without clients`);
  }
  if (addressMode === "client" && serverInterfaces.includes(spsInterface)) {
    add(
      "serverInterfaces",
      `${spsInterface} is also spsInterface; with addressMode client SPS needs an interface without servers`,
    );
  }
  if (addressMode === "client" && redirection.clientCidrs === undefined) {
    add("clientCidrs", "it is missing; addressMode client needs the networks of the clients");
  }
  const ownServer = serverCidrs.find((network) => areNetworksOverlapping(network, spsAddress));
  if (ownServer) add("serverCidrs", `${ownServer} contains spsAddress ${spsAddress}; name the servers without SPS`);
  return problems;
}

function pairProblems(earlier: Redirection, later: Redirection, path: string): InputFailure[] {
  if (earlier.name === later.name) {
    const reason = `${path}.name: ${later.name} is used twice; give every redirection a name of its own`;
    return [{ path: `${path}.name`, reason }];
  }
  const isSameHop = earlier.spsAddress === later.spsAddress && earlier.spsInterface === later.spsInterface;
  if (isSameHop || !areOverlapping(earlier, later)) return [];
  const reason = `${path}: overlaps with redirection ${earlier.name}, which goes to another SPS; let them differ in clientInterfaces, clientCidrs, serverCidrs or ports, or send both to the same SPS`;
  return [{ path, reason }];
}

function areListsOverlapping(left: readonly string[] | undefined, right: readonly string[] | undefined): boolean {
  if (!left || !right) return true;
  return left.some((one) => right.some((other) => areNetworksOverlapping(one, other)));
}
