import { execFile } from "node:child_process";
import { createConnection, isIP } from "node:net";
import { type Fact, type Gathering, isRead, resolvedAddresses } from "../../join/preflight/gathering";
import { largestPacket } from "../../router/planning/packet-size";
import { ECHO_HEADER_BYTES, type EchoResult } from "../../router/planning/paths";
import { echoResult } from "../../router/planning/tool-outputs";
import type { PacketSize, TcpResult } from "./facts";

/** Limit of one attempt, in milliseconds. */
const ATTEMPT_MILLISECONDS = 4000;

const RESULTS: Record<string, TcpResult> = {
  ECONNREFUSED: "refused",
  ECONNRESET: "refused",
  EHOSTUNREACH: "unreachable",
  ENETUNREACH: "unreachable",
  ETIMEDOUT: "silent",
};

/** Tries to open a TCP connection from this machine, and closes it at once. @throws Error for a name that is not known */
export function tryPort(host: string, port: number, signal: AbortSignal): Promise<TcpResult> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host, port, signal });
    const end = (result: TcpResult) => {
      socket.destroy();
      resolve(result);
    };
    socket.setTimeout(ATTEMPT_MILLISECONDS, () => end("silent"));
    socket.once("connect", () => end("open"));
    socket.once("error", (error: NodeJS.ErrnoException) => {
      const result = RESULTS[error.code ?? ""];
      if (result) end(result);
      else reject(error);
    });
  });
}

/** The addresses of a name as this machine sees them; undefined for an address. */
export async function namedAddresses(host: string, gathering: Gathering): Promise<Fact<string[]> | undefined> {
  return isIP(host) ? undefined : resolvedAddresses(host, "it has no name", gathering);
}

/** Options of this system's ping: one request that must not be fragmented. */
const PING: Partial<Record<NodeJS.Platform, (bytes: number) => string[]>> = {
  linux: (bytes) => ["-n", "-c", "1", "-W", "1", "-M", "do", "-s", `${bytes}`],
  darwin: (bytes) => ["-n", "-c", "1", "-t", "1", "-D", "-s", `${bytes}`],
  win32: (bytes) => ["-n", "1", "-w", "1000", "-f", "-l", `${bytes}`],
};

/** What to type to measure it by hand. */
export const pingCommand = (host: string) => {
  const options = (PING[process.platform] ?? PING.linux)?.(1500 - ECHO_HEADER_BYTES) ?? [];
  return `ping ${options.join(" ")} ${host}`;
};

/** The largest packet that reaches a host in one piece, by this system's ping. @throws Error where there is none */
export const measurePackets = (host: string, signal: AbortSignal): Promise<PacketSize> =>
  largestPacket((bytes) => echo(host, bytes, signal));

function echo(host: string, bytes: number, signal: AbortSignal): Promise<EchoResult> {
  const options = PING[process.platform];
  if (!options) return Promise.reject(new Error(`ping of ${process.platform} is not known`));
  return new Promise((resolve, reject) => {
    // Its words depend on the language otherwise; Windows ignores that, and its other languages are not understood.
    const env = { ...process.env, LC_ALL: "C" };
    execFile("ping", [...options(bytes - ECHO_HEADER_BYTES), host], { signal, env }, (error, stdout, stderr) => {
      if (error && (error.code as unknown) === "ENOENT") return reject(new Error("this machine has no command ping"));
      if (error?.name === "AbortError") return reject(error);
      const result = echoResult(stdout + stderr);
      if (result) return resolve(result);
      return reject(new Error(`the output of ping is not understood: ${stderr.trim() || stdout.trim() || "nothing"}`));
    });
  });
}

/** A fact with an order in place of what could not be measured. */
export function orByHand<T>(fact: Fact<T>, remedy: string): Fact<T> {
  return isRead(fact) ? fact : { ...fact, remedy };
}
