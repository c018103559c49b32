import { UNKNOWN, type Unknown } from "../core/unknown";
import type { Capabilities, CapabilityInputs } from "./capabilities";
import type { CheckedRedirection, Redirection } from "./redirection";

/** The redirections that an update wants, and what it does with open connections. */
export interface WantedRedirections extends Pick<CapabilityInputs, "redirections" | "removal"> {
  /** What the platform redirects. */
  redirects: Capabilities["redirects"];
}

/**
 * Connections that an update of redirections breaks, although the router itself has no gap: one sentence each. SPS takes part
 * in these changes, and no router changes SPS.
 */
export function brokenConnections(before: readonly Redirection[], after: WantedRedirections): string[] {
  return pairsOf(before, after.redirections).flatMap(({ name, old, now }) => {
    const { spsAddress } = now;
    const isStaying = spsAddress === UNKNOWN || spsAddress === old.spsAddress;
    const fate = isStaying ? undefined : openConnections(old.spsAddress, spsAddress, after);
    return [
      ...(now.addressMode === old.addressMode ? [] : [modeText(name, now.addressMode)]),
      ...(fate === undefined ? [] : [`redirection ${name}: connections through SPS ${old.spsAddress} ${fate}`]),
    ];
  });
}

/** What becomes of connections through an SPS that a redirection leaves; undefined when another redirection keeps it for them. */
function openConnections(
  address: string,
  next: string,
  { redirections, redirects, removal }: WantedRedirections,
): string | undefined {
  if (redirects === "packets") return `end, unless ${next} is an address of the same SPS`;
  const isKept = redirections !== UNKNOWN && redirections.some((one) => one !== UNKNOWN && one.spsAddress === address);
  if (isKept) return undefined;
  if (removal === UNKNOWN || removal.connections === UNKNOWN) return "end, unless removal.connections is drain";
  if (removal.connections === "cut") return "end; to let them end by themselves, set removal.connections to drain";
  const { drainSeconds } = removal;
  return `go on until they end, ${drainSeconds === UNKNOWN ? "up to removal.drainSeconds" : `at most ${drainSeconds} s`}`;
}

/**
 * The same for routers that change the next hop of each direction by a command of its own: between the two, the answers of
 * servers go to another SPS than the packets of clients.
 */
export function brokenAnswers(before: readonly Redirection[], after: readonly Redirection[]): string[] {
  return pairsOf(before, after)
    .filter(
      ({ old, now }) =>
        old.addressMode === "client" && now.addressMode === "client" && now.spsAddress !== old.spsAddress,
    )
    .map(
      ({ name, old, now }) =>
        `redirection ${name}: new connections may fail for a moment, while answers of servers still go to ${old.spsAddress}, unless ${now.spsAddress} is an address of the same SPS`,
    );
}

function modeText(name: string, mode: CheckedRedirection["addressMode"]): string {
  if (mode === UNKNOWN)
    return `redirection ${name}: addressMode is known only during the update; SPS must have the same`;
  const [first, then] =
    mode === "client"
      ? ["run this update first", "let SPS use the addresses of clients"]
      : ["let SPS use its own address first", "run this update"];
  return `redirection ${name}: addressMode changes to ${mode}: ${first}, then ${then}; in the other order, connections fail in between`;
}

/** The redirections that an update keeps, before and after it. */
function pairsOf<After extends CheckedRedirection>(
  before: readonly Redirection[],
  after: readonly (After | Unknown)[] | Unknown,
): { name: string; old: Redirection; now: After }[] {
  if (after === UNKNOWN) return [];
  return after.flatMap((now) => {
    if (now === UNKNOWN) return [];
    const old = before.find(({ name }) => name === now.name);
    return old ? [{ name: old.name, old, now }] : [];
  });
}
