import { areNetworksOverlapping, isWithin } from "../../networks";
import type { Selector } from "../model/desired";
import type { Found, FoundMatch, FoundRule } from "../model/found";
import { parseTableName, type TableName } from "../model/names";

/** Whether a rule selects exactly this traffic. */
export function isFor({ match }: FoundRule, selector: Selector): boolean {
  return hasWhole(match) && isBegunFor(match, selector);
}

/** Whether a rule without an action was begun for this traffic: its first line, and perhaps more. */
export function isBegunFor(
  { from, to, interface: name, protocol, port, others }: FoundMatch,
  selector: Selector,
): boolean {
  return (
    from === selector.from &&
    to === selector.to &&
    name === selector.interface &&
    (protocol === undefined || protocol === "tcp") &&
    (port === undefined || Number(port) === selector.port) &&
    others.length === 0
  );
}

function hasWhole({ protocol, port }: FoundMatch): boolean {
  return protocol !== undefined && port !== undefined;
}

/** Whether all traffic of a rule is traffic of the selector. */
export function isCovered({ match }: FoundRule, { from, to, interface: name, port }: Selector): boolean {
  return (
    match.others.length === 0 &&
    match.interface === name &&
    match.protocol === "tcp" &&
    Number(match.port) === port &&
    match.to !== undefined &&
    isWithin(match.to, to) &&
    (from === undefined || (match.from !== undefined && isWithin(match.from, from)))
  );
}

/** Whether a packet may match both. What is not understood counts as matching. */
export function isOverlapping({ match }: FoundRule, { from, to, interface: name, port }: Selector): boolean {
  const overlaps = (left: string | undefined, right: string | undefined) =>
    left === undefined || right === undefined || areNetworksOverlapping(left, right);
  return (
    (match.interface === undefined || match.interface === name) &&
    overlaps(match.from, from) &&
    overlaps(match.to, to) &&
    (match.protocol === undefined || match.protocol === "tcp") &&
    (match.port === undefined || Number(match.port) === port)
  );
}

/** The name of the table that a rule routes by. */
export function tableOf({ action }: FoundRule): string | undefined {
  return /^table (\S+)$/.exec(action ?? "")?.[1];
}

/** What the table of a rule says about its redirection; undefined for rules of others. */
export function ownPartOf(rule: FoundRule): TableName | undefined {
  return parseTableName(tableOf(rule) ?? "");
}

/** The gateway of the default route of a table; undefined without one, or with several. */
export function gatewayOf(table: string | undefined, { tables }: Found): string | undefined {
  const [only, ...more] = tables.get(table ?? "")?.routes ?? [];
  if (!only || more.length > 0 || only.destination !== "default") return undefined;
  return /^gateway address (\S+) (?:on|priority \d|on priority \d)$/.exec(only.nextHop)?.[1];
}

/** Whether a table does nothing but reject packets. */
export function isRejecting(table: string | undefined, { tables }: Found): boolean {
  const [only, ...more] = tables.get(table ?? "")?.routes ?? [];
  return only?.destination === "default" && only.nextHop === "reject" && more.length === 0;
}
