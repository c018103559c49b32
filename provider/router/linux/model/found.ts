import type { AddressRange } from "../../networks";
import type { Owner } from "../../owner";
import type { NftObject } from "../backends/nft-json";
import type { Ruleset } from "../neighbours/rules/ruleset";
import type { FoundPersistence } from "../persistence/found-files";
import type { FoundWatchdog } from "../watchdog/found-watchdogs";
import type { FirewallBackend } from "./backend-names";
import type { FoundGaia } from "./gaia";
import type { PolicyRule, Route } from "./routing";
import type { SavedTable } from "./saved-table";

/** A network interface of the router. */
export interface Link {
  isUp: boolean;
  /** The bridge, bond, team or VRF that it belongs to. */
  master?: string | undefined;
  /** IPv4 addresses with prefix length. */
  addresses: string[];
  /** Directly connected IPv4 networks. */
  networks: string[];
  /** True with an IPv6 address that is not only valid on the link. */
  hasIpv6?: boolean;
}

/** The reverse-path checks of the kernel: 0 off, 1 strict, 2 loose. */
export interface SourceChecks {
  /** The setting for all interfaces; the greater of it and the setting of the interface applies. */
  all: number;
  own: ReadonlyMap<string, number>;
  /** The settings of interfaces before redirections changed them, as noted on the router. */
  noted: ReadonlyMap<string, number>;
}

/** Why iptables is unusable while its table holds native nftables rules: it prints a comment instead of the table. */
export const UNPRINTED = "iptables cannot read its table mangle, because it holds native nftables rules";

/** The remedy for that. */
export const UNPRINTED_REMEDY =
  "find them with `nft list table ip mangle`, move them to a table of their own, such as `table ip clamp`, and run the command again";

/** A kernel firewall, as far as redirections use it. */
export interface Firewall {
  /** The prefix of its commands: `iptables`, `iptables-legacy`, `nft`. */
  tool: string;
  /** The rules; those of nftables in iptables terms. */
  table: SavedTable;
  /** Only nftables: the tables of redirections as listed, by name. */
  listed?: ReadonlyMap<string, readonly NftObject[]>;
}

/** A route of a table that policy rules look up. */
export interface LookupRoute {
  /** `unicast`, `throw`, or another type as the router prints it. */
  type: string;
  network: string;
  range: AddressRange;
  /** The prefix length. */
  length: number;
  device?: string;
  gateway?: string;
}

/** The state read from a router, as far as it matters for redirections. */
export interface Found {
  /** Version of the kernel, such as `6.1.0-18-amd64`. */
  kernel: string;
  /** What the expert mode of a Check Point gateway allows; absent on other routers. */
  gaia?: FoundGaia | undefined;
  /** The backend of the command `iptables`; absent without that command. */
  usualBackend?: "iptables-nft" | "iptables-legacy";
  firewalls: ReadonlyMap<FirewallBackend, Firewall>;
  /** Why the other backends are unusable, such as `iptables is missing`. */
  unusable: ReadonlyMap<FirewallBackend, string>;
  /** The rules of other programs. */
  neighbours: Ruleset;
  /** The routes by number of the table, of all tables that policy rules look up; without tables that are too large. */
  lookups: ReadonlyMap<number, readonly LookupRoute[]>;
  /** True when the router forwards IPv6. */
  isForwardingIpv6: boolean;
  policyRules: PolicyRule[];
  /** By number of the table; only requested tables. */
  routes: ReadonlyMap<number, readonly Route[]>;
  links: ReadonlyMap<string, Link>;
  /** The interface of the route to a network; only requested networks with a route. */
  towards: ReadonlyMap<string, string>;
  sourceChecks: SourceChecks;
  /** Whether an interface forwards packets; only requested interfaces that exist. */
  isForwarding: ReadonlyMap<string, boolean>;
  /** True when reverse-path checks use marks (`src_valid_mark`); then they fail on strict interfaces. */
  isMarkInSourceChecks: boolean;
  /** The files and services that restore redirections when the router restarts. */
  persistence: FoundPersistence;
  /** The recorded owners of redirections, by name. */
  owners: ReadonlyMap<string, Owner>;
  /** The watchdogs of next hops, by number of the table. */
  watchdogs: ReadonlyMap<number, FoundWatchdog>;
}

/** Whether the reverse-path check of an interface drops packets with the source address of a server. */
export function isSourceCheckStrict(checks: SourceChecks, name: string): boolean {
  return Math.max(checks.all, checks.own.get(name) ?? 0) === 1;
}
