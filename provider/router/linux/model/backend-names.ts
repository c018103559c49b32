/** The backends that mark packets in a firewall of the kernel. */
export const FIREWALL_BACKENDS = ["iptables-nft", "iptables-legacy", "nftables"] as const;

/** Everything that can keep the classification of packets on a Linux router. */
export const BACKENDS = [...FIREWALL_BACKENDS, "ip-rule"] as const;

/** A backend that marks packets. */
export type FirewallBackend = (typeof FIREWALL_BACKENDS)[number];

/** A backend by its name, as in the output `backend`. */
export type BackendName = (typeof BACKENDS)[number];

/** What a user asks for; auto leaves the choice to what the router has. */
export type BackendSetting = BackendName | "auto";

/** Tells whether a text names a backend. */
export function isBackendName(text: string | undefined): text is BackendName {
  return BACKENDS.some((name) => name === text);
}
