/** Address and port on which an appliance of the lab really listens. */
export interface Endpoint {
  address: string;
  port: number;
}

/**
 * The lab's name service. A simulated appliance connects only to names and addresses listed here, so no packet leaves
 * this machine.
 */
export class AddressBook {
  private readonly endpoints = new Map<string, Endpoint>();

  add(nameOrAddress: string, endpoint: Endpoint): void {
    this.endpoints.set(nameOrAddress.toLowerCase(), endpoint);
  }

  find(nameOrAddress: string): Endpoint | undefined {
    return this.endpoints.get(nameOrAddress.toLowerCase());
  }
}
