/** Address and port on which an appliance of the lab really listens. */
export interface Endpoint {
  address: string;
  port: number;
}

/** A host of the lab as others see it on the network. */
export interface NetworkHost {
  /** Whether a port of the given name or address accepts connections now. */
  isOpen: (nameOrAddress: string, port: number) => boolean;
  /** Whether the host answers pings. */
  answersPing: boolean;
}

/**
 * The lab's name service. A simulated appliance connects only to names and addresses listed here, so no packet leaves
 * this machine.
 */
export class AddressBook {
  private readonly entries = new Map<string, { endpoint: Endpoint; host: NetworkHost }>();

  /** @param host default: a host that answers pings and accepts connections on the port of the endpoint only. */
  add(nameOrAddress: string, endpoint: Endpoint, host?: NetworkHost): void {
    const standard = { isOpen: (_name: string, port: number) => port === endpoint.port, answersPing: true };
    this.entries.set(nameOrAddress.toLowerCase(), { endpoint, host: host ?? standard });
  }

  find(nameOrAddress: string): Endpoint | undefined {
    return this.entries.get(nameOrAddress.toLowerCase())?.endpoint;
  }

  /** Whether a port of a listed host accepts connections. */
  isOpen(nameOrAddress: string, port: number): boolean {
    return this.entries.get(nameOrAddress.toLowerCase())?.host.isOpen(nameOrAddress, port) ?? false;
  }

  /** Whether a listed host answers pings. */
  answersPing(nameOrAddress: string): boolean {
    return this.entries.get(nameOrAddress.toLowerCase())?.host.answersPing ?? false;
  }
}
