import type { AddressBook } from "./address-book";
import type { LabCertificateAuthority } from "./certificates";
import type { LabClock } from "./clock";
import type { FaultSwitches } from "./faults";

/** Options that all simulated appliances share. */
export interface ApplianceOptions {
  clock: LabClock;
  faults: FaultSwitches;
  /** Issues the TLS certificate of the appliance. */
  authority: LabCertificateAuthority;
  /** The name service, to which the appliance adds itself. It finds other appliances only here. */
  addressBook: AddressBook;
  /** Loopback address on which the appliance listens; also its IPv4 address in the API. */
  address: string;
  /** Port on which the appliance listens; 0 takes a free port. */
  port: number;
  /** Fully qualified host name. */
  hostName: string;
  password: string;
}
