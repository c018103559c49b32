import type { NftObject } from "../backends/nft-json";
import type { FoundPersistence } from "../persistence/found-files";
import type { FoundWatchdog } from "../watchdog/found-watchdogs";
import type { FirewallBackend } from "./backend-names";
import type { PolicyRule, Route } from "./routing";
import type { FoundRule, SavedTable } from "./saved-table";

/** A network interface of the router. */
export interface Link {
  isUp: boolean;
  /** The bridge, bond or team that it is part of, or its virtual routing table (VRF). */
  master?: string | undefined;
  /** IPv4 addresses with prefix length. */
  addresses: string[];
  /** IPv4 networks that are reached on it directly. */
  networks: string[];
}

/** The reverse-path checks of the kernel: 0 off, 1 strict, 2 loose. */
export interface SourceChecks {
  /** The setting for all interfaces; what counts on one is the greater of it and its own. */
  all: number;
  own: ReadonlyMap<string, number>;
  /** What own settings were before redirections changed them, as noted on the router. */
  noted: ReadonlyMap<string, number>;
}

/** A firewall of the kernel, as far as redirections reach into it. */
export interface Firewall {
  /** The program that changes it begins so: `iptables`, `iptables-legacy`, `nft`. */
  tool: string;
  /** What it holds; of nftables in the terms of iptables. */
  table: SavedTable;
  /** Of nftables: the tables of redirections as they were listed, by their names. */
  listed?: ReadonlyMap<string, readonly NftObject[]>;
}

/** A rule of others that takes packets out of connection tracking, without which marks of connections do nothing. */
export interface UntrackingRule {
  /** The rule in words, for messages. */
  text: string;
  /** What it asks of packets, in the terms of iptables; one for each interface that it names. */
  asks: FoundRule[];
}

/** What was read from a router, as far as it matters for redirections. */
export interface Found {
  /** Version of the kernel, such as `6.1.0-18-amd64`. */
  kernel: string;
  /** The backend of the command `iptables`; absent where there is none. */
  usualBackend?: "iptables-nft" | "iptables-legacy";
  firewalls: ReadonlyMap<FirewallBackend, Firewall>;
  /** Why the other backends cannot be used, such as `iptables is missing`. */
  unusable: ReadonlyMap<FirewallBackend, string>;
  /** Rules that take packets out of connection tracking. */
  untracking: readonly UntrackingRule[];
  policyRules: PolicyRule[];
  /** By number of the table; only tables that were asked for. */
  routes: ReadonlyMap<number, readonly Route[]>;
  links: ReadonlyMap<string, Link>;
  /** The interface that the router sends packets to a network with; only networks that were asked for and have a route. */
  towards: ReadonlyMap<string, string>;
  sourceChecks: SourceChecks;
  /** Whether an interface forwards packets; only interfaces that were asked for and exist. */
  isForwarding: ReadonlyMap<string, boolean>;
  /** True when marks count in reverse-path checks, which then fail on strict interfaces. */
  isMarkInSourceChecks: boolean;
  /** What brings redirections back when the router restarts. */
  persistence: FoundPersistence;
  /** The watchdogs of ways to SPS, by number of the table. */
  watchdogs: ReadonlyMap<number, FoundWatchdog>;
}

/** Tells whether packets with a server's address as source may arrive on an interface. */
export function isSourceCheckStrict(checks: SourceChecks, name: string): boolean {
  return Math.max(checks.all, checks.own.get(name) ?? 0) === 1;
}
