import type { ApplianceConnection } from "../../core/connection";
import type { PlannedNode } from "../../core/deployment";
import type { SppClient } from "../../spp/client";
import type { SpsClient } from "../../sps/client";

/** One appliance of a preflight. */
export interface SideOrder {
  /** Address as set in the program; used in messages when there is no connection. */
  address: string;
  /** Undefined: no request is sent. Without password: only public pages are read. */
  connection: ApplianceConnection | undefined;
  /** Why no connection or login is possible yet; follows "not checked: ". */
  later?: string;
}

/** Input of a preflight. */
export interface PreflightOrder {
  /** The Central Management node of the SPS cluster. */
  sps: SideOrder;
  /** The primary of the SPP cluster. */
  spp: SideOrder;
  /** An existing SPS client, which stays logged in. Default: log in. */
  spsClient?: SpsClient | undefined;
  /** An existing SPP client, which stays logged in: SPP refuses logins in quick succession. Default: log in. */
  sppClient?: SppClient | undefined;
  /** Expected node id of the Central Management node. Default: any. */
  clusterId?: string;
  /** Id of the SPP appliance to which the node was joined, as far as it is recorded. */
  recordedSppId?: string | undefined;
  /** Set when the node is promoted after the preflight and before the join; `nodes` of the cluster, if known. */
  promotion?: { nodes?: readonly PlannedNode[] | undefined };
  /**
   * Set when the join is recorded with other addresses and may have to be re-created. Then an existing entry of the node on SPP is allowed.
   */
  rejoin?: { isSppMoved: boolean };
  /** Maximum wait until five minutes have passed since the last attempt, in seconds. Default 0. */
  waitSeconds?: number;
  /** Names of `safeguard_default` objects on SPS that may be overwritten. Default: none. */
  overwrites?: readonly string[];
  /**
   * Handling of a missing backup. `require`: fails; `report`: warns; `skip`: skips the check; `take`: the join takes a backup first.
   * Default: report.
   */
  backups?: { sps?: "require" | "skip" | "report"; spp?: "take" | "require" | "skip" | "report" };
  /** Time limit for all reads together, in seconds. Default 15. */
  limitSeconds?: number;
  /** Which `safeguard_default` objects of SPS are looked for: `all`, or `of a join` if there are any of these. Default: all. */
  defaults?: "all" | "of a join";
  /** Whether the addresses of all network interfaces of SPS are read; a re-join always needs them. Default false. */
  needsAddresses?: boolean;
  /** Whether the present sessions of SPS are read. Default false. */
  needsSessions?: boolean;
  /** Whether SPP tests port 8649 of SPS with its network diagnostics, which SPP's audit log records. Default false. */
  diagnostics?: boolean;
}

/** Why no login is possible while a credential is unknown. */
export const PASSWORD_LATER = "its password is known only during the update";
