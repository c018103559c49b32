import type { AddressBook } from "../common/address-book";
import type { LabCertificateAuthority } from "../common/certificates";
import type { LabClock } from "../common/clock";
import type { FaultSwitches } from "../common/faults";
import type { Appliance } from "./appliance";
import type { NicAddress } from "./state/seed";
import type { SpsVariant } from "./variant";
import type { Privileges } from "./web/privileges";

/** How a simulated SPS appliance is set up. */
export interface SpsOptions {
  clock: LabClock;
  faults: FaultSwitches;
  authority: LabCertificateAuthority;
  /** Where it finds SPP and the other nodes, and enters itself. Nodes that share it can form a cluster. */
  addressBook: AddressBook;
  /** Loopback address of the web interface; also the address on `nic1`. */
  address: string;
  /** Port of the web interface; 0 takes a free one. */
  port: number;
  /** Fully qualified host name. */
  hostName: string;
  /**
   * Address the cluster service shall listen on. Default `address`; another one stands on `nic2`. Which address it
   * really listens on is a matter of the configuration.
   */
  clusterAddress?: string;
  /** Further addresses on network cards, with prefix length. Default: none. */
  extraNics?: NicAddress[];
  /** UUID. Default: a new one. */
  nodeId?: string;
  /** Default `8.0.0`; decides the version-dependent behaviour. */
  firmwareVersion?: string;
  /** Default `admin`. */
  username?: string;
  password: string;
  /** Deviations from the behaviour of the firmware version. */
  variant?: Partial<SpsVariant>;
  /** What the account may not do. Default: everything is allowed. */
  privileges?: Privileges;
  /** Whether a system backup policy is set. Default true. */
  hasSystemBackup?: boolean;
  /** State of the welcome wizard. Default `completed`. */
  setupStatus?: Appliance["setupStatus"];
  /** Appliance seconds a managed host takes to put a fetched configuration in force. Default 3. */
  syncSeconds?: number;
  /** Appliance seconds from SPP's consent to a join to the validation. Default 8. */
  joinSeconds?: number;
  /** Appliance seconds from the validation until the policies exist. Default 20. */
  policySeconds?: number;
}

/** Every address the appliance has on its network cards, with prefix length. */
export function nicAddressesOf(options: SpsOptions): NicAddress[] {
  const { address, clusterAddress = address, extraNics = [] } = options;
  const cluster: NicAddress[] = clusterAddress === address ? [] : [{ nic: "nic2", address: `${clusterAddress}/24` }];
  return [{ nic: "nic1", address: `${address}/24` }, ...cluster, ...extraNics];
}
