import type { AddressBook } from "../common/address-book";
import type { LabClock } from "../common/clock";
import type { FaultSwitches } from "../common/faults";
import type { CentralStatus } from "./cluster/central-status";
import type { Member } from "./cluster/member";
import type { SppJoin } from "./join/spp-join";
import type { SupportBundles } from "./state/bundles";
import type { Place } from "./state/schema";
import type { Sessions } from "./state/sessions";
import type { ConfigurationStore } from "./state/store";
import type { Transactions } from "./state/transactions";
import type { SpsVariant } from "./variant";
import type { Privileges } from "./web/privileges";

/** How an appliance presents itself. */
export interface Identity {
  /** UUID of the node. */
  nodeId: string;
  /** Fully qualified host name. */
  hostName: string;
  /** IPv4 address of the web interface. */
  address: string;
  /** For example `8.0.0`. */
  firmwareVersion: string;
}

/** What one simulated appliance consists of; handed to its resources. */
export interface Appliance {
  readonly identity: Identity;
  readonly variant: SpsVariant;
  readonly clock: LabClock;
  readonly faults: FaultSwitches;
  readonly addressBook: AddressBook;
  readonly privileges: Privileges;
  readonly places: Map<string, Place>;
  readonly store: ConfigurationStore;
  readonly sessions: Sessions;
  readonly transactions: Transactions;
  /** What this node knows of the others while it is the Central Management node. */
  readonly central: CentralStatus;
  /** This node's part as a member of another node's cluster. */
  readonly member: Member;
  readonly join: SppJoin;
  readonly bundles: SupportBundles;
  /** State of the welcome wizard. */
  setupStatus: "uninitialized" | "booting" | "completed";
  /** Appliance time, in milliseconds, until which every request is answered 503. */
  outageUntil: number;
  /** The system log, oldest line first. */
  readonly log: SystemLog;
}

/** The last lines of an appliance's system log. They never hold secrets. */
export class SystemLog {
  readonly lines: string[] = [];

  constructor(private readonly clock: LabClock) {}

  write(program: string, text: string): void {
    this.lines.push(`${this.clock.now().toISOString()} ${program}: ${text}`);
    if (this.lines.length > 1000) this.lines.shift();
  }
}
