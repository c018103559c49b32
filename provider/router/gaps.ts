import { ifKnown, UNKNOWN, type Unknown } from "../core/unknown";
import type { CapabilityInputs } from "./capabilities";
import type { RouterPlatform } from "./platform";
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
  const { redirections } = after;
  const modes = pairsOf(before.redirections, redirections).flatMap(({ name, old, now }) =>
    now.addressMode === old.addressMode ? [] : [modeText(name, now.addressMode)],
  );
  if (redirections === UNKNOWN) return modes;
  const ends = before.redirections.flatMap((old) => {
    const fate = fateOf(platform, old, before.options, { ...after, redirections });
    return fate === undefined ? [] : [`redirection ${old.name}: connections through SPS ${old.spsAddress} ${fate}`];
  });
  return [...modes, ...ends];
}

/** What becomes of the open connections of a redirection; undefined when they go on, or nothing is known. */
function fateOf<Options>(
  { binding }: Pick<RouterPlatform<unknown, Options>, "binding">,
  old: Redirection,
  oldOptions: Options,
  { redirections, options, removal }: After<Options> & { redirections: readonly (CheckedRedirection | Unknown)[] },
): string | undefined {
  // What is known only during the update may keep them.
  if (options === UNKNOWN || redirections.some((one) => one === UNKNOWN || one.spsAddress === UNKNOWN))
    return undefined;
  const wanted = redirections.flatMap((one) => (ifKnown(one) as Redirection | undefined) ?? []);
  const bound = binding?.(old, oldOptions);
  const bindings = wanted.map((one) => ({ ...one, bound: binding?.(one, options) }));
  const isBound = bound !== undefined && bindings.every((one) => one.bound !== undefined);
  const next = isBound
    ? bindings.find((one) => one.bound?.mark === bound.mark)
    : (wanted.find(({ name }) => name === old.name) ?? wanted.find((one) => one.spsAddress === old.spsAddress));
  if (next?.spsAddress === old.spsAddress) return undefined;
  if (next) return `end, unless ${next.spsAddress} is an address of the same SPS`;
  if (!isBound) return "end";
  const successor = bindings.find((one) => one.bound?.table === bound.table);
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
