import type { Desired } from "../model/desired";
import type { Found } from "../model/found";
import type { WatchState } from "../model/status";
import { watchFor } from "./watches";

/** What the watches of a wanted state say about SPS now, from `show track`. */
export function watchStates({ legs }: Desired, found: Found, tracks: string): WatchState[] {
  const watched = new Map(legs.flatMap(({ redirection, watch }) => (watch ? [[redirection.name, redirection]] : [])));
  return [...watched].flatMap(([name, { spsAddress }]) => {
    const number = watchFor(name, spsAddress, found)?.operation.number;
    if (number === undefined) return [];
    const block = new RegExp(`^Track ${number}\\s*\\n(?: .*(?:\\n|$))*`, "m").exec(tracks)?.[0] ?? "";
    const [, state] = /^ +Reachability is (Up|Down)\b/im.exec(block) ?? [];
    const known = state?.toLowerCase() === "up" ? "up" : state === undefined ? "unknown" : "down";
    return [{ redirection: name, spsAddress, number, state: known }];
  });
}

/** What happens to the traffic of each redirection whose SPS does not answer, one sentence each. */
export function silenceWarnings({ legs }: Desired, states: readonly WatchState[]): string[] {
  return states
    .filter(({ state }) => state !== "up")
    .map(({ redirection: name, spsAddress, number, state }) => {
      const isDropping = legs.some(({ redirection }) => redirection.name === name && redirection.failMode === "closed");
      const why = state === "down" ? `SPS ${spsAddress} does not answer` : `the state of track ${number} is unknown`;
      return isDropping
        ? `${why}: traffic of redirection ${name} is dropped until track ${number} is up`
        : `${why}: traffic of redirection ${name} passes directly and is not recorded until track ${number} is up (bypass when-sps-silent)`;
    });
}

/** The addresses of each SPS that is bypassed now. */
export function bypassedAddresses({ legs }: Desired, states: readonly WatchState[]): string[] {
  const isBypassed = ({ redirection: name, state }: WatchState) =>
    state === "down" && legs.some(({ redirection }) => redirection.name === name && redirection.failMode === "open");
  return [...new Set(states.filter(isBypassed).map(({ spsAddress }) => spsAddress))];
}
