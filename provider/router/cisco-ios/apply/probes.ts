import type { TcpResult } from "../../planning/paths";
import type { ProbeOptions } from "../../protection";
import { hostProbes, type Probe } from "../../terminal/probes";
import type { ProbeTools } from "../../terminal/session/probing";
import { telnetResultOf } from "../read/path-outputs";
import type { IosSession } from "./ios-session";
import type { RouterState } from "./router-state";

/** Limit of one attempt to open a TCP connection, in seconds. */
const ATTEMPT_SECONDS = 4;

/** `ping` of IOS with three requests, one second each, and `telnet` to any port. */
export const PROBE_TOOLS: ProbeTools<IosSession> = {
  ping: (address) => `ping ${address} repeat 3 timeout 1`,
  answers: /Success rate is (\d+) percent/,
  openPort,
};

/**
 * Opens a TCP connection from the router, and closes it.
 * @throws Error with the router's words where it does not try; SafeguardError when the session is lost
 */
export async function openPort(session: IosSession, address: string, port: number): Promise<TcpResult> {
  const { output, isGivenUp } = await session.telnet(address, port, ATTEMPT_SECONDS);
  if (isGivenUp) return "silent";
  const found = telnetResultOf(output);
  if ("result" in found) return found.result;
  throw new Error(`the router answered \`telnet\` with "${found.words}"`);
}

/** The default gateways of the router, and the hosts that it must still reach. */
export function managementProbes(probe: Pick<ProbeOptions, "hosts">, { text }: RouterState): Probe[] {
  const gateways = text.matchAll(/^ip route 0\.0\.0\.0 0\.0\.0\.0 (?:[A-Z]\S+ )?(\d[\d.]+)/gm);
  return [
    ...[...gateways].map(([, address = ""]) => ({ title: `the default gateway ${address}`, address })),
    ...hostProbes(probe),
  ];
}
