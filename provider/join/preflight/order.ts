import type { ApplianceConnection } from "../../core/connection";
import type { SppClient } from "../../spp/client";

/** One appliance of a preflight. */
export interface SideOrder {
  /** Address as the program gives it; for messages where there is no connection. */
  address: string;
  /** How to reach it. Undefined: it is not asked at all. Without password: only its public pages are read. */
  connection: ApplianceConnection | undefined;
  /** Why it cannot be asked, or not logged in to, yet; fits after "not checked: ". */
  later?: string;
}

/** What a preflight examines. */
export interface PreflightOrder {
  /** The Central Management node of the SPS cluster. */
  sps: SideOrder;
  /** The primary of the SPP cluster. */
  spp: SideOrder;
  /** A client that is logged in to SPP already, and stays so: SPP refuses logins that come too fast. Default: log in. */
  sppClient?: SppClient | undefined;
  /** Node id the Central Management node must have. Default: any. */
  clusterId?: string;
  /**
   * Given when the join is recorded between other addresses and may have to be re-created: then an entry of the node on
   * SPP does not stand in the way.
   */
  rejoin?: { isSppMoved: boolean };
  /** How long the join may wait until five minutes have passed since the last attempt, in seconds. Default 0. */
  waitSeconds?: number;
  /** Names of `safeguard_default` objects on SPS that may be overwritten. Default: none. */
  overwrites?: readonly string[];
  /**
   * What is done about backups. `require`: their lack is a failure; `report`: a warning; `skip`: no check is made;
   * `take`: the join takes one first. Default: report.
   */
  backups?: { sps?: "require" | "skip" | "report"; spp?: "take" | "require" | "skip" | "report" };
  /** Bound of all the reading together, in seconds. Default 15. */
  limitSeconds?: number;
  /**
   * Whether SPP is asked to try port 8649 of SPS with its network diagnostics, which leaves a trace in SPP's audit log.
   * Default false.
   */
  diagnostics?: boolean;
}

/** Why the answers of an SPS cluster that the same program makes are not there yet. */
export const CREATED_IN_THIS_UPDATE = "created in this update";

/** Why no login is possible while a credential is unknown. */
export const PASSWORD_LATER = "its password is known only during the update";
