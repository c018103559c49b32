import { largestPacket } from "../../planning/packet-size";
import type { EchoResult, PathTarget, PathTrial, TcpResult } from "../../planning/paths";
import { isReason, orReason, type Reason } from "./reason";

/** How a command line tries the way to an address. Each throws Error with a reason where it cannot; none changes the router. */
export interface PathTools {
  openPort(address: string, port: number): Promise<TcpResult>;
  /** Sends one echo request of this size that must not be fragmented. */
  echo(address: string, bytes: number): Promise<EchoResult>;
  /** What the router's own interface towards an address carries, in bytes; absent where `echo` itself says that it is too large. */
  limitBytes?(address: string): Promise<number>;
  /** Why it shows no TLS certificate of another host. */
  noCertificates: string;
  /** The hops; `undefined` for one that does not answer. */
  trace(address: string): Promise<(string | undefined)[]>;
}

/**
 * Tries the ways to addresses one after the other, because a terminal does one thing at a time.
 * @throws SafeguardError when the session is lost; the signal's reason on abort
 */
export async function tryPathsBy(
  tools: PathTools,
  targets: readonly PathTarget[],
  signal: AbortSignal,
): Promise<PathTrial[]> {
  const trials: PathTrial[] = [];
  for (const target of targets) trials.push(await tryPath(tools, target, signal));
  return trials;
}

async function tryPath(
  tools: PathTools,
  { address, ports, portsOnly = false, tlsPort }: PathTarget,
  signal: AbortSignal,
): Promise<PathTrial> {
  const tcp: PathTrial["tcp"][number][] = [];
  for (const port of ports) {
    const result = await orReason(() => tools.openPort(address, port), signal);
    tcp.push(isReason(result) ? { port, result: undefined, why: result.why } : { port, result, why: "" });
  }
  const certificates = tlsPort === undefined ? {} : { certificates: tools.noCertificates };
  if (portsOnly) return { address, tcp, ...certificates };
  const textOf = <T>(found: T | Reason) => (isReason(found) ? found.why : found);
  const measure = async () => {
    const limit = await tools.limitBytes?.(address);
    return await largestPacket((bytes) => tools.echo(address, bytes), limit);
  };
  const packets = textOf(await orReason(measure, signal));
  const hops = textOf(await orReason(() => tools.trace(address), signal));
  return { address, tcp, packets, hops, ...certificates };
}
