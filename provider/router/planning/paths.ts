/** How an attempt to open a TCP connection ended. `not open`: the tool does not say which of the others it was. */
export type TcpResult = "open" | "refused" | "silent" | "unreachable" | "not open";

/** How one echo request ended: answered, refused as too big for the path, or lost. */
export type EchoResult = "answered" | "refused" | "lost";

/** The largest packet that arrives in one piece. */
export interface PacketSize {
  /** Its size in bytes with the IP header. */
  bytes: number;
  /** What becomes of larger ones: the sender is told, so that it adapts, or they are lost. Absent when none was too large. */
  larger?: "refused" | "lost";
}

/** The sizes that are tried, largest first: Ethernet, usual tunnels, and those that IPv6 and IPv4 demand. */
export const PACKET_SIZES = [1500, 1420, 1400, 1280, 576] as const;

/** The IP and the ICMP header of an echo request, in bytes. */
export const ECHO_HEADER_BYTES = 28;

/** An address to try from a router. */
export interface PathTarget {
  address: string;
  ports: readonly number[];
  /** True leaves out the packet size and the route. Default false. */
  portsOnly?: boolean;
  /** Port whose TLS certificate is read. Default: none. */
  tlsPort?: number;
}

/** What a router finds of an address. Each part is text where the router could not try it: the reason. */
export interface PathTrial {
  address: string;
  tcp: readonly { port: number; result: TcpResult | undefined; why: string }[];
  /** Absent where it was not asked for. */
  packets?: PacketSize | string;
  /** The hops; `undefined` for one that does not answer. Absent where it was not asked for. */
  hops?: (string | undefined)[] | string;
  /** The certificates that `tlsPort` serves as PEM, the server's own first. Absent where they were not asked for. */
  certificates?: string[] | string;
}
