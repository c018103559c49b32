import type { LabClock } from "../common/clock";

/** `AccessRequest` of the API: requester, asset and state. */
export interface AccessRequest {
  AccessRequestType: "Password" | "Ssh" | "RemoteDesktop";
  AccountName: string;
  AssetId: number;
  AssetName: string;
  CreatedOn: string;
  ExpiresOn: string;
  Id: string;
  IsEmergency: boolean;
  RequesterDisplayName: string;
  RequesterId: number;
  State: string;
  StateChangedOn: string;
  PolicyId: number;
  PolicyName: string;
  SessionModuleConnectionId: number | null;
  SessionConnectionPolicyRef: string | null;
  RequesterUsername: string;
}

/** States of a finished request. */
const FINAL_STATES = ["Closed", "Complete", "Reclaimed"];

/** The access requests of the appliance. Some are open at start; a join closes all of them. */
export class AccessRequests {
  readonly rows: AccessRequest[];

  constructor(
    private readonly clock: LabClock,
    applianceId: string,
    openCount: number,
  ) {
    const now = clock.now().getTime();
    this.rows = Array.from({ length: openCount }, (_, index) => ({
      AccessRequestType: index % 2 === 0 ? "Ssh" : "Password",
      AccountName: "root",
      AssetId: 10 + index,
      AssetName: `db${String(index + 1).padStart(2, "0")}`,
      CreatedOn: new Date(now - 1_800_000).toISOString(),
      ExpiresOn: new Date(now + 5_400_000).toISOString(),
      Id: `1-1-1-${1057 + index}-1-${applianceId}-${String(index + 1).padStart(4, "0")}`,
      IsEmergency: false,
      RequesterDisplayName: "Alice Example",
      RequesterId: 31,
      State: index % 2 === 0 ? "SessionInitialized" : "PasswordCheckedOut",
      StateChangedOn: new Date(now - 1_700_000).toISOString(),
      PolicyId: 5,
      PolicyName: "Linux administrators",
      SessionModuleConnectionId: null,
      SessionConnectionPolicyRef: null,
      RequesterUsername: "alice",
    }));
  }

  /** The requests that are not finished. */
  open(): AccessRequest[] {
    return this.rows.filter((row) => !FINAL_STATES.includes(row.State));
  }

  /** Closes all open requests, as a join does. */
  closeAll(): void {
    for (const row of this.open()) {
      row.State = "Closed";
      row.StateChangedOn = this.clock.now().toISOString();
    }
  }
}
