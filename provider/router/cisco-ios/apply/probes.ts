import type { ProbeOptions } from "../../protection";
import type { Desired } from "../model/desired";
import type { IosSession } from "./ios-session";
import type { RouterState } from "./router-state";

/** A ping from the router. */
export interface Probe {
  /** What answers, in messages: `SPS 172.16.9.2`. */
  title: string;
  address: string;
}

/** Each SPS of the wanted redirections. */
export function spsProbes({ legs }: Desired): Probe[] {
  const addresses = [...new Set(legs.map(({ redirection }) => redirection.spsAddress))];
  return addresses.map((address) => ({ title: `SPS ${address}`, address }));
}

/** The default gateways of the router, and the hosts that it must still reach. */
export function managementProbes({ hosts }: Pick<ProbeOptions, "hosts">, { text }: RouterState): Probe[] {
  const gateways = text.matchAll(/^ip route 0\.0\.0\.0 0\.0\.0\.0 (?:[A-Z]\S+ )?(\d[\d.]+)/gm);
  return [
    ...[...gateways].map(([, address = ""]) => ({ title: `the default gateway ${address}`, address })),
    ...hosts.map(({ address }) => ({ title: `host ${address}`, address })),
  ];
}

/** The probes that get no answer. */
export async function failedProbes(session: IosSession, probes: readonly Probe[]): Promise<Probe[]> {
  const failed: Probe[] = [];
  for (const probe of probes) {
    const output = await session.execIfKnown(`ping ${probe.address} repeat 3 timeout 1`, "probe the network");
    const rate = /Success rate is (\d+) percent/.exec(output ?? "")?.[1] ?? "0";
    if (Number(rate) === 0) failed.push(probe);
  }
  return failed;
}
