/** A static route of a PBR table. */
export interface FoundTableRoute {
  /** `default`, or a network. */
  destination: string;
  /** What follows `nexthop`: `gateway address 10.0.0.1 on`, `reject`, … */
  nextHop: string;
}

/** A PBR table of a configuration. */
export interface FoundTable {
  name: string;
  routes: FoundTableRoute[];
  /** The lines to enter it again. */
  lines: string[];
}

/** What a PBR rule matches; absent parts match everything. */
export interface FoundMatch {
  from?: string;
  to?: string;
  interface?: string;
  protocol?: string;
  port?: string;
  /** Parts that are not understood. */
  others: string[];
}

/** A PBR rule of a configuration. */
export interface FoundRule {
  priority: number;
  match: FoundMatch;
  /** `table NAME`, `main-table`, …; a rule without one has no effect. */
  action: string | undefined;
  /** The lines to enter it again. */
  lines: string[];
}

export interface FoundInterface {
  name: string;
  /** With prefix length: `10.0.0.1/24`. */
  addresses: string[];
  isOn: boolean;
  hasIpv6: boolean;
}

/** What a configuration says about redirections. */
export interface Found {
  hostname: string;
  interfaces: readonly FoundInterface[];
  tables: ReadonlyMap<string, FoundTable>;
  /** By priority. */
  rules: readonly FoundRule[];
  /** The port of the Gaia Portal. */
  portalPort: number;
  /** Whether VRRP makes the gateway a member of a cluster. */
  hasVrrp: boolean;
}

/** What a gateway is, besides its configuration. */
export interface Facts {
  /** Such as `R81.20`; undefined when it is no Gaia with a full Clish. */
  version: string | undefined;
  hasVirtualSystems: boolean;
  isClusterMember: boolean;
}
