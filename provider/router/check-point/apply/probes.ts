import type { ProbeOptions } from "../../protection";
import type { Desired } from "../model/desired";
import type { ClishSession } from "./clish-session";

/** A ping from the router. */
export interface Probe {
  /** What answers, in messages: `SPS 172.16.9.2`. */
  title: string;
  address: string;
}

/** Each SPS of the wanted redirections. */
export function spsProbes({ routes }: Desired): Probe[] {
  const addresses = [...new Set(routes.map(({ redirection }) => redirection.spsAddress))];
  return addresses.map((address) => ({ title: `SPS ${address}`, address }));
}

/** The hosts that the router must still reach. */
export function hostProbes({ hosts }: Pick<ProbeOptions, "hosts">): Probe[] {
  return hosts.map(({ address }) => ({ title: `host ${address}`, address }));
}

/** The probes that get no answer. `ping` is a command of Linux that Clish knows too. */
export async function failedProbes(session: ClishSession, probes: readonly Probe[]): Promise<Probe[]> {
  const failed: Probe[] = [];
  for (const probe of probes) {
    const output = await session.execIfKnown(`ping -c 3 -W 1 ${probe.address}`, "probe the network");
    const received = /(\d+) (?:packets )?received/.exec(output ?? "")?.[1] ?? "0";
    if (Number(received) === 0) failed.push(probe);
  }
  return failed;
}
