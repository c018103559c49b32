import type { AddressBook } from "../common/address-book";
import type { LabClock } from "../common/clock";
import type { FaultSwitches } from "../common/faults";
import type { CentralStatus } from "./cluster/central-status";
import type { Member } from "./cluster/member";
import type { Identity } from "./identity";
import type { SppJoin } from "./join/spp-join";
import type { SupportBundles } from "./state/bundles";
import type { SessionCounts } from "./state/health";
import type { RecordedSessions } from "./state/recorded-sessions";
import type { ConfigurationNode } from "./state/schema";
import type { Sessions } from "./state/sessions";
import type { ConfigurationStore } from "./state/store";
import type { Transactions } from "./state/transactions";
import type { SystemLog } from "./system-log";
import type { SpsVariant } from "./variant";
import type { Privileges } from "./web/privileges";

/** The parts of a simulated appliance; passed to its resources. */
export interface Appliance {
  readonly identity: Identity;
  readonly variant: SpsVariant;
  readonly clock: LabClock;
  readonly faults: FaultSwitches;
  readonly addressBook: AddressBook;
  readonly privileges: Privileges;
  readonly configurationTree: Map<string, ConfigurationNode>;
  readonly store: ConfigurationStore;
  readonly sessions: Sessions;
  readonly transactions: Transactions;
  /** Status of the other nodes, while this node is the Central Management node. */
  readonly central: CentralStatus;
  /** Membership of this node in the cluster of another node. */
  readonly member: Member;
  readonly join: SppJoin;
  readonly bundles: SupportBundles;
  /** Sessions of clients that the appliance has recorded. */
  readonly recorded: RecordedSessions;
  /** Sessions of clients that the appliance relays now besides; the lab sets them. */
  readonly liveSessions: SessionCounts;
  /** State of the Welcome Wizard. */
  setupStatus: "uninitialized" | "booting" | "completed";
  /** Appliance time, in milliseconds, until which all requests are answered with 503. */
  outageUntil: number;
  /** The system log, oldest line first. */
  readonly log: SystemLog;
}
