/** An extended access list of a running configuration. */
export interface FoundAccessList {
  name: string;
  remarks: string[];
  /** In canonical form; entries that cannot be parsed as they are written. */
  entries: string[];
  /** The lines to enter it again. */
  lines: string[];
}

/** One sequence of a route-map. */
export interface FoundSequence {
  map: string;
  action: string;
  number: number;
  /** The access lists of `match ip address`. */
  accessLists: string[];
  /** `set ip next-hop verify-availability` with an object of `track`, in order. */
  verifiedHops: FoundVerifiedHop[];
  /** The addresses of `set ip next-hop`, in order. */
  nextHops: string[];
  /** The interfaces of `set interface`, in order. */
  setInterfaces: string[];
  /** Lines with any other clause. */
  others: string[];
  /** The lines to enter it again. */
  lines: string[];
}

/** A next hop that is used while its object is up. */
export interface FoundVerifiedHop {
  address: string;
  /** Its place among the next hops of the sequence. */
  order: number;
  track: number;
}

/** An operation of `ip sla`. */
export interface FoundOperation {
  number: number;
  /** Empty without one. */
  tag: string;
  /** Its commands, without indentation. */
  lines: string[];
  /** What follows the number in `ip sla schedule`; absent when it does not run. */
  schedule?: string | undefined;
}

/** An object of `track`. */
export interface FoundTrack {
  number: number;
  /** What follows the number, in the spelling of current releases: `ip sla 400 reachability`. */
  follows: string;
  /** The lines to enter it again. */
  lines: string[];
}

/** An interface that can route packets. */
export interface FoundInterface {
  name: string;
  /** With prefix length: `10.0.0.1/24`. */
  addresses: string[];
  /** Virtual addresses that the router may hold: of HSRP, VRRP and GLBP. */
  virtualAddresses: string[];
  /** The route-map of `ip policy`. */
  policy?: string;
  vrf?: string;
  isShutDown: boolean;
  /** A port of a switch or of a channel, which routes nothing itself. */
  isBridged: boolean;
  /** Whether packets are dropped whose source is not routed back through this interface. */
  hasStrictSourceCheck: boolean;
  /** Lines with other functions that change or filter traffic. */
  filters: string[];
  hasIpv6: boolean;
}

/** What a running configuration says about redirections. */
export interface Found {
  hostname: string;
  isRouting: boolean;
  interfaces: ReadonlyMap<string, FoundInterface>;
  accessLists: ReadonlyMap<string, FoundAccessList>;
  /** In the order of the configuration. */
  sequences: readonly FoundSequence[];
  operations: readonly FoundOperation[];
  tracks: readonly FoundTrack[];
  /** The lines outside of extended access lists and route-maps, without indentation. */
  otherLines: readonly string[];
}
