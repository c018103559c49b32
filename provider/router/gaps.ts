import { ifKnown, UNKNOWN, type Unknown } from "../core/unknown";
import type { CapabilityInputs } from "./capabilities";
import type { ConnectionBinding, RouterPlatform } from "./platform";
import type { CheckedRedirection, Redirection } from "./redirection";

/** Redirections before an update, with the options of the platform. */
interface Before<Options> {
  redirections: readonly Redirection[];
  options: Options;
}

/** Those that the update wants; parts may be unknown. */
interface After<Options> extends Pick<CapabilityInputs, "redirections" | "removal"> {
  options: Options | Unknown;
}

/**
 * Connections that an update of redirections breaks, although the router itself has no gap: one sentence each. SPS takes part
 * in these changes, and no router changes SPS. Redirections of other resources may keep connections that are said to end.
 */
export function brokenConnections<Options>(
  platform: Pick<RouterPlatform<unknown, Options>, "binding">,
  before: Before<Options>,
  after: After<Options>,
): string[] {
  const { redirections, options, removal } = after;
  const modes = pairsOf(before.redirections, redirections).flatMap(({ name, old, now }) =>
    now.addressMode === old.addressMode ? [] : [modeText(name, now.addressMode)],
  );
  // What is known only during the update may keep connections.
  if (redirections === UNKNOWN || options === UNKNOWN) return modes;
  if (redirections.some((one) => one === UNKNOWN || one.spsAddress === UNKNOWN)) return modes;
  const wanted = redirections.flatMap((one) => {
    const known = ifKnown(one) as Redirection | undefined;
    return known ? [{ ...known, bound: platform.binding?.(known, options) }] : [];
  });
  const ends = before.redirections.flatMap((old) => {
    const fate = fateOf({ ...old, bound: platform.binding?.(old, before.options) }, wanted, removal);
    return fate === undefined ? [] : [`redirection ${old.name}: connections through SPS ${old.spsAddress} ${fate}`];
  });
  return [...modes, ...ends];
}

type Bound = Pick<Redirection, "name" | "spsAddress"> & { bound: ConnectionBinding | undefined };

/** What becomes of the open connections of a redirection; undefined when they go on. */
function fateOf(old: Bound, wanted: readonly Bound[], removal: CapabilityInputs["removal"]): string | undefined {
  const { name, spsAddress, bound } = old;
  const isBound = bound !== undefined && wanted.every((one) => one.bound !== undefined);
  const next = isBound
    ? wanted.find((one) => one.bound?.mark === bound.mark)
    : (wanted.find((one) => one.name === name) ?? wanted.find((one) => one.spsAddress === spsAddress));
  if (next?.spsAddress === spsAddress) return undefined;
  if (next) return `end, unless ${next.spsAddress} is an address of the same SPS`;
  if (!isBound) return "end";
  const successor = wanted.find((one) => one.bound?.table === bound.table);
  if (successor)
    return `end: SPS ${successor.spsAddress} gets routing table ${bound.table}; leave out linux.table to drain them`;
  return endText(removal);
}

function endText(removal: CapabilityInputs["removal"]): string {
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
