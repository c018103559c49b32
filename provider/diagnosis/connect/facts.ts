import type { ErrorCode } from "../../core/errors";
import type { DistinguishedNames } from "../../https/served-certificate";
import type { Fact } from "../../join/preflight/gathering";
import type { PacketSize, TcpResult } from "../../router/planning/paths";

export type { PacketSize, TcpResult } from "../../router/planning/paths";

/** Where tests are made from. */
export interface Viewpoint {
  kind: "here" | "spp" | "sps" | "router";
  /** In messages, such as `this machine` or `spp 10.0.0.5`. */
  object: string;
}

/** Where the command runs. */
export const HERE: Viewpoint = { kind: "here", object: "this machine" };

/** What tests are made to. */
export interface Destination {
  kind: "sps" | "spp";
  /** In messages, such as `sps 10.0.0.1`. */
  object: string;
  address: string;
}

/** One attempt to open a TCP connection. */
export interface TcpTest {
  port: number;
  /** `one-of`: at least one such port of the path must be open. Default: a help to find the cause, and no fault in itself. */
  need?: "all" | "one-of" | undefined;
  result: Fact<TcpResult>;
  /** The answer of the tool in its own words, for a person. */
  said?: string | undefined;
}

/** The certificate that a viewpoint sees. */
export interface SeenCertificate extends DistinguishedNames {
  sha256: string;
  /** SHA-1, upper-case hexadecimal digits, as SPP names certificates. */
  thumbprint: string;
  names: readonly string[];
  /** In milliseconds since 1970. */
  notAfter: number;
  /** Absent where the connection verifies nothing, or nothing proves it to a viewpoint that does not verify itself. */
  proof?: CertificateProof;
}

/** What proves a certificate: the connection's `ca`, the authorities of the system, or the pin. Else why it is not trusted. */
export type CertificateProof = { by: "ca" | "system" | "pin" } | { problem: string; remedy: string };

/** Everything that one viewpoint finds of one destination. Parts that nobody asks for are absent. */
export interface PathFacts {
  from: Viewpoint;
  to: Destination;
  /** The addresses of the destination's name; absent for an address. */
  name?: Fact<string[]>;
  tcp: readonly TcpTest[];
  packets?: Fact<PacketSize>;
  /** The hops as far as they answer; absent where nothing failed. */
  hops?: Fact<(string | undefined)[]>;
  certificate?: { port: number; seen: Fact<SeenCertificate> };
}

/** What is known of the network between the parts of a site. The verdict evaluates nothing else. */
export interface ConnectFacts {
  /** In milliseconds since 1970. */
  gatheredAt: number;
  paths: readonly PathFacts[];
  /** The addresses of all nodes in the cluster of SPS; empty without a cluster. */
  clusterNodes: Fact<readonly string[]>;
  /** Where the cluster interface of the Central Management node listens; undefined while it is disabled. */
  clusterInterface: Fact<string | undefined>;
  /** The address of that node in the cluster. */
  centralAddress: string;
  sppAddress: string;
  /** SHA-1 of the certificate that SPP says it uses; undefined when it has none. */
  sppThumbprint: Fact<string | undefined>;
}

/** One thing to act on. */
export interface Cause {
  code: ErrorCode;
  /** The part of the site from which it shows, such as `spp 10.0.0.5`. */
  object: string;
  step: string;
  text: string;
  /** Default: the remedy of the code. */
  remedy?: string;
}
