import type { ProbeOptions } from "../../protection";
import { hostProbes, type Probe } from "../../terminal/probes";
import type { Ping } from "../../terminal/session/verify";
import type { RouterState } from "./router-state";

/** `ping` of IOS: three requests, one second each. */
export const PING: Ping = {
  command: (address) => `ping ${address} repeat 3 timeout 1`,
  answers: /Success rate is (\d+) percent/,
};

/** The default gateways of the router, and the hosts that it must still reach. */
export function managementProbes(probe: Pick<ProbeOptions, "hosts">, { text }: RouterState): Probe[] {
  const gateways = text.matchAll(/^ip route 0\.0\.0\.0 0\.0\.0\.0 (?:[A-Z]\S+ )?(\d[\d.]+)/gm);
  return [
    ...[...gateways].map(([, address = ""]) => ({ title: `the default gateway ${address}`, address })),
    ...hostProbes(probe),
  ];
}
