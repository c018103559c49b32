import type { ProbeOptions } from "../protection";
import type { Redirection } from "../redirection";

/** A ping from the router, or a TCP connection. */
export interface Probe {
  /** What answers, in messages: `SPS 172.16.9.2`. */
  title: string;
  address: string;
  /** The TCP port that must accept connections. Default: none, the address is pinged. */
  port?: number;
}

/** Each SPS of redirections. */
export function spsProbes(redirections: readonly Redirection[]): Probe[] {
  const addresses = [...new Set(redirections.map(({ spsAddress }) => spsAddress))];
  return addresses.map((address) => ({ title: `SPS ${address}`, address }));
}

/** The hosts that the router must still reach. */
export function hostProbes({ hosts }: Pick<ProbeOptions, "hosts">): Probe[] {
  return hosts.map(({ address, port }) =>
    port === undefined
      ? { title: `host ${address}`, address }
      : { title: `host ${address} port ${port}`, address, port },
  );
}
