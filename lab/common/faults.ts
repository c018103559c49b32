/** The faults of the lab by name, each with the behaviour that it switches on. */
export const FAULTS = {
  "spp-certificate-mismatch": "SPP serves a certificate for another name and address",
  "spp-untrusted-certificate": "SPP serves a certificate of an unknown authority",
  "spp-not-spp": "an ordinary web site answers at the address of SPP",
  "spp-replica": "SPP is a replica and refuses writes with 403 and code 60418",
  "spp-permissions": "the SPP account has the role Auditor only",
  "spp-credentials": "SPP refuses the password",
  "spp-second-factor": "the SPP account needs a second factor",
  "spp-operation-running": "SPP runs another cluster operation",
  "spp-maintenance": "SPP is in maintenance mode",
  "join-already-linked": "SPP refuses the SPS node id as taken: 400 and code 60657",
  "join-over-five-minutes": "SPP refuses the validation as too late: 403 and code 60108",
  "join-address-typo": "SPS cannot reach SPP at the given address",
  "join-response-text": "SPS reports a failed join as text instead of an object",
  "join-never-trusted": "SPP lists the session module but never trusts it",
  "join-no-policies": "SPS never creates its safeguard_default objects",
  "sps-answer-lost": "SPS applies the next change but the response is lost",
  "spp-answer-lost": "SPP applies the next change but the response is lost",
  "sps-slow": "SPS responds 5 s later",
  "spp-slow": "SPP responds 5 s later",
  "sps-5xx": "SPS answers every request with 503",
  "spp-5xx": "SPP answers every request with 503",
  "sps-session-expired": "SPS ends the session at the next request",
  "spp-token-expired": "SPP revokes all tokens at the next request",
  "sps-locked": "another administrator holds the configuration lock of SPS",
  "sps-sync-stuck": "managed hosts never synchronize their configuration",
  "sps-out-of-memory": "SPS answers changes with 500 and an empty body",
  "network-8649-blocked": "a firewall drops tcp 8649 from SPP to SPS",
  "network-no-route": "packets of SPP get no further than its gateway",
  "network-narrow": "the network loses packets of more than 1400 bytes from SPP without a message",
  "network-tunnel": "the network refuses packets of more than 1400 bytes from SPP with a message",
} as const;

export type FaultName = keyof typeof FAULTS;

/** The faults that make a join fail as the vendor documents it, by the code of that failure (docs/errors). */
export const FAULTS_OF_JOIN_FAILURES = {
  SG2101: "spp-certificate-mismatch",
  SG2102: "spp-untrusted-certificate",
  SG2103: "join-already-linked",
  SG2104: "join-over-five-minutes",
  SG2105: "spp-permissions",
  SG2106: "spp-replica",
  SG2107: "join-address-typo",
} as const satisfies Record<string, FaultName>;

/** The faults that are on. A fault that happens once is switched off by the appliance that consumes it. */
export class FaultSwitches {
  private readonly active = new Set<FaultName>();

  /** @throws Error when there is no fault with this name. */
  static parse(name: string): FaultName {
    if (Object.hasOwn(FAULTS, name)) return name as FaultName;
    throw new Error(`Invalid value for fault: ${name}. Allowed values are: ${Object.keys(FAULTS).join(", ")}.`);
  }

  on(name: FaultName): void {
    this.active.add(name);
  }

  off(name: FaultName): void {
    this.active.delete(name);
  }

  has(name: FaultName): boolean {
    return this.active.has(name);
  }

  /** Returns whether the fault is on, and switches it off: for faults that happen once. */
  consume(name: FaultName): boolean {
    return this.active.delete(name);
  }

  list(): FaultName[] {
    return [...this.active].sort();
  }

  clear(): void {
    this.active.clear();
  }
}
