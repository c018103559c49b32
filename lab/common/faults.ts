/**
 * Everything that can be made to go wrong in the lab, by name. Each line tells what the appliances then do;
 * the source is the section of the vendor knowledge it was written from (docs/lab.md).
 */
export const FAULTS = {
  "spp-certificate-mismatch": "SPP serves a certificate that names neither the address nor the host name used",
  "spp-untrusted-certificate": "SPP serves a certificate of an authority nobody was told about",
  "spp-not-spp": "an ordinary web site answers at SPP's address",
  "spp-replica": "the SPP appliance is a replica: writes are refused with 403 and code 60418",
  "spp-permissions": "the SPP account has only the Auditor role: SessionModules answers 403 and code 60108",
  "spp-credentials": "SPP's token service refuses the password",
  "spp-second-factor": "the SPP account needs a second factor",
  "spp-operation-running": "another cluster operation runs on SPP",
  "spp-maintenance": "SPP is in maintenance",
  "join-already-linked": "SPP already knows this SPS node id: 400 and code 60657",
  "join-over-five-minutes": "the handshake exceeds five minutes: PsmValidation answers 403 and code 60108",
  "join-address-typo": "SPS cannot reach SPP at the address it was given",
  "join-response-text": "SPS reports the failure of the join as text instead of an object",
  "join-never-trusted": "SPP lists the session module but never trusts it",
  "join-no-policies": "SPS never makes its safeguard_default objects",
  "sps-answer-lost": "SPS does the next changing request and the connection breaks before the answer",
  "spp-answer-lost": "SPP does the next changing request and the connection breaks before the answer",
  "sps-slow": "every SPS answer takes 5 s more",
  "spp-slow": "every SPP answer takes 5 s more",
  "sps-5xx": "SPS answers 503 to everything",
  "spp-5xx": "SPP answers 503 to everything",
  "sps-session-expired": "SPS forgets the session with the next request",
  "spp-token-expired": "SPP forgets the token with the next request",
  "sps-locked": "another administrator holds the configuration lock of SPS",
  "sps-sync-stuck": "managed hosts never get in sync with the Central Management node",
  "sps-out-of-memory": "SPS answers 500 with an empty body to changing requests",
} as const;

export type FaultName = keyof typeof FAULTS;

/** Which faults are switched on. Once-only faults are switched off by the simulation that used them. */
export class FaultBoard {
  private readonly active = new Set<FaultName>();

  /** @throws Error when there is no fault of that name. */
  static parse(name: string): FaultName {
    if (Object.hasOwn(FAULTS, name)) return name as FaultName;
    throw new Error(`There is no fault ${name}. Known faults are: ${Object.keys(FAULTS).join(", ")}.`);
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

  /** Tells whether the fault is on, and switches it off: for faults that happen once. */
  take(name: FaultName): boolean {
    return this.active.delete(name);
  }

  list(): FaultName[] {
    return [...this.active].sort();
  }

  clear(): void {
    this.active.clear();
  }
}
