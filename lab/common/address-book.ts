/** Where an appliance of the lab really listens. */
export interface Endpoint {
  address: string;
  port: number;
}

/**
 * The lab's name service: the names and addresses its appliances know each other by. A simulated appliance
 * connects only to what stands here; everything else is unreachable, so that no packet leaves the machine.
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
