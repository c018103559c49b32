import type { ApplianceOptions } from "../common/appliance-options";
import type { Appliance } from "./appliance";
import type { NicAddress } from "./state/seed";
import type { SpsVariant } from "./variant";
import type { Privileges } from "./web/privileges";

/** Options of a simulated SPS appliance. Nodes with the same address book can form a cluster; `nic1` has `address`. */
export interface SpsOptions extends ApplianceOptions {
  /**
   * Address for the cluster interface. Default `address`; another address is added to `nic2`. The configuration decides on
   * which address the cluster interface listens.
   */
  clusterAddress?: string;
  /**
   * Whether tcp 8649 of the address really accepts connections while the cluster interface is enabled, for clients that are no appliances of
   * the lab. Default false, because labs of other processes may use the same addresses.
   */
  opensClusterPort?: boolean;
  /** Further addresses of network interfaces, with prefix length. Default: none. */
  extraNics?: NicAddress[];
  /** UUID of the node. Default: a new one. */
  nodeId?: string;
  /** Default `8.0.0`. Version-dependent behaviour follows it. */
  firmwareVersion?: string;
  /** Default `admin`. */
  username?: string;
  /** Behaviour that differs from the firmware version. */
  variant?: Partial<SpsVariant>;
  /** Privileges of the account. Default: all. */
  privileges?: Privileges;
  /** Whether a system backup policy is set. Default true. */
  hasSystemBackup?: boolean;
  /** State of the Welcome Wizard. Default `completed`. */
  setupStatus?: Appliance["setupStatus"];
  /** Appliance seconds in which a managed host applies a fetched configuration. Default 3. */
  syncSeconds?: number;
  /** Appliance seconds from the acceptance of a join by SPP to the validation. Default 8. */
  joinSeconds?: number;
  /** Appliance seconds from the validation to the default policies. Default 20. */
  policySeconds?: number;
}

/** All addresses of the network interfaces, with prefix length. */
export function nicAddressesOf(options: SpsOptions): NicAddress[] {
  const { address, clusterAddress = address, extraNics = [] } = options;
  const cluster: NicAddress[] = clusterAddress === address ? [] : [{ nic: "nic2", address: `${clusterAddress}/24` }];
  return [{ nic: "nic1", address: `${address}/24` }, ...cluster, ...extraNics];
}
