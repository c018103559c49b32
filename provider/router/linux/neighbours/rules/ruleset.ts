import { type AddressRange, addressRange } from "../../../networks";
import type { PortRange } from "../../../ports";
import type { Mark } from "../../model/rule";

/** A condition of a rule. A rule matches when all its conditions hold. */
export type Test =
  | { on: "arrivesOn" | "leavesOn"; names: readonly string[]; isNegated: boolean }
  | { on: "source" | "destination"; ranges: readonly AddressRange[]; isNegated: boolean }
  | { on: "sourcePort" | "destinationPort"; ranges: readonly PortRange[]; isNegated: boolean }
  | { on: "state"; states: readonly string[]; isNegated: boolean }
  | { on: "direction"; direction: string; isNegated: boolean }
  | { on: "packetMark" | "connectionMark"; mark: Mark; isNegated: boolean }
  /** The TCP flags in `set` are set, and the others of `mask` are not. */
  | { on: "flags"; mask: readonly string[]; set: readonly string[]; isNegated: boolean }
  /** The destination is the router itself. */
  | { on: "local"; isNegated: boolean }
  /** The route back to the source leads to the interface of arrival; loose: there is any route back. */
  | { on: "reversePath"; isLoose: boolean; isNegated: boolean }
  | { on: "family"; family: "ip" | "ip6" }
  /** At least one list of conditions holds. */
  | { on: "any"; lists: readonly (readonly Test[])[]; isNegated: boolean }
  /** Holds for no forwarded TCP packet. */
  | { on: "never" }
  /** Not understood. A limiting condition holds for unusual packets only, such as those beyond a rate. */
  | { on: "unknown"; isLimiting: boolean };

/** The effect of a rule. Logging and counting are `none`. */
export type Action =
  | { kind: "accept" | "drop" | "return" | "none" | "untrack" | "zone" | "take" | "source-nat" }
  | { kind: "jump" | "goto"; chain: string }
  | { kind: "offload"; devices: readonly string[] }
  /** `bits` are the bits that change; `value` is absent when it is unknown, or copied from the other mark. */
  | { kind: "packet-mark" | "connection-mark"; bits: number; value?: number; isCopied?: boolean }
  /** Undefined parts are unknown, or unchanged for the port. */
  | { kind: "destination-nat"; to?: AddressRange; ports?: PortRange };

/** A rule of another program. */
export interface Rule {
  /** The rule in words, for messages. */
  text: string;
  tests: readonly Test[];
  action: Action;
}

/** Where the kernel calls a base chain. */
export type Hook = "prerouting" | "forward" | "postrouting";

/** A chain that the kernel calls. */
export interface BaseChain {
  hook: Hook;
  priority: number;
  policy: "accept" | "drop";
  /** The table in words, such as `iptables-nft mangle`. */
  table: string;
  chain: string;
  rules: readonly Rule[];
  /** The other chains of its table, by name. */
  chains: ReadonlyMap<string, readonly Rule[]>;
  /** `ip`, `ip6`, or `inet` for both. */
  family: string;
}

/** The rules of all programs on a router, without those of redirections. */
export interface Ruleset {
  bases: readonly BaseChain[];
  /** Tables whose rules cannot be read, in words. */
  unread: readonly string[];
}

/** An interface pattern of iptables (`eth+`) or nftables (`eth*`). */
export function isNamed(name: string, pattern: string): boolean {
  return /[+*]$/.test(pattern) ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

/** An address, a network, or a range such as `10.0.0.1-10.0.0.9`; undefined for other text. */
export function rangeOf(text: string): AddressRange | undefined {
  const [first = "", last = first] = text.split("-");
  try {
    return { first: addressRange(first).first, last: addressRange(last).last };
  } catch {
    // A mask with holes, or IPv6.
    return undefined;
  }
}
