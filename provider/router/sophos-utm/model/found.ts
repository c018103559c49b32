import type { PortRange } from "../../ports";

/** The types of the definitions that redirections have. */
export const DEFINITION_TYPES = [
  "network/host",
  "network/network",
  "network/group",
  "service/tcp",
  "service/group",
] as const;

export type DefinitionType = (typeof DEFINITION_TYPES)[number];

/** What can lock an object: a user, or the system. */
export type Lock = "" | "user" | "global";

/** An object of a UTM. */
export interface FoundObject {
  type: string;
  reference: string;
  name: string;
  comment: string;
  lock: Lock;
  /** The other attributes. */
  values: Readonly<Record<string, unknown>>;
}

/** The TCP ports that a service matches. */
export interface TcpPorts {
  source: PortRange;
  destination: PortRange;
}

/** What a service matches. */
export interface ServiceMatch {
  /** Its TCP ports; none when it matches no TCP. */
  ports: TcpPorts[];
  /** Whether it matches nothing but TCP. */
  isTcpAlone: boolean;
}

/** What a policy route matches. Undefined parts are not understood and may match anything. */
export interface RouteMatch {
  /** Name of the interface; empty for any. */
  interface: string | undefined;
  /** Empty for any. */
  sources: string[] | undefined;
  destinations: string[] | undefined;
  service: ServiceMatch | undefined;
}

/** A policy route. */
export interface FoundRoute extends FoundObject {
  match: RouteMatch;
  /** Address of the gateway; undefined when it is no host. */
  gateway: string | undefined;
  isOn: boolean;
  /** Position among all policy routes, from 1; 0 when it is in no list and has no effect. */
  position: number;
}

/** An interface of a UTM. */
export interface FoundInterface {
  reference: string;
  name: string;
  /** With prefix length: `10.0.0.1/24`. */
  addresses: string[];
  isOn: boolean;
}

/** A rule of the packet filter that is on, in one of its lists. Undefined parts are not understood and may match anything. */
export interface FilterRule {
  /** In its list, from 1. */
  position: number;
  name: string;
  /** `accept`, `drop` or `reject`. */
  action: string;
  /** Whether it matches less than its networks and services say, for example only at some times. */
  isRestricted: boolean;
  /** Empty for any. */
  sources: string[] | undefined;
  destinations: string[] | undefined;
  /** The TCP ports of each service. */
  services: (TcpPorts[] | undefined)[];
}

/** What a UTM says about redirections. */
export interface Found {
  version: string;
  interfaces: readonly FoundInterface[];
  definitions: readonly FoundObject[];
  /** In the order of their positions; those without one last. */
  routes: readonly FoundRoute[];
  /** Value of the setting for spoof protection; undefined when it cannot be read. */
  spoofProtection: string | undefined;
  /** The rules of the packet filter in their order; undefined when they were not or cannot be read. */
  packetFilter: readonly FilterRule[] | undefined;
}
