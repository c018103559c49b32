/** The backends that mark packets in a kernel firewall. */
export const FIREWALL_BACKENDS = ["iptables-nft", "iptables-legacy", "nftables"] as const;

/** All backends that can classify packets on a Linux router. */
export const BACKENDS = [...FIREWALL_BACKENDS, "ip-rule"] as const;

/** A backend that marks packets. */
export type FirewallBackend = (typeof FIREWALL_BACKENDS)[number];

/** The name of a backend, as in the output `backend`. */
export type BackendName = (typeof BACKENDS)[number];

/** The backend that the user selects; `auto` chooses by what the router supports. */
export type BackendSetting = BackendName | "auto";

/** Whether a text is the name of a backend. */
export function isBackendName(text: string | undefined): text is BackendName {
  return BACKENDS.some((name) => name === text);
}
