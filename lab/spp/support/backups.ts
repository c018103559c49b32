import { randomUUID } from "node:crypto";
import type { LabClock } from "../../common/clock";
import { refusals } from "../api-error";
import type { Identity } from "../identity";
import type { SppUser } from "../login/users";

/** Duration of a backup, in appliance seconds. */
const BACKUP_SECONDS = 30;
const DAY_MILLISECONDS = 86_400_000;

/** `Backup` of the API. */
export interface Backup {
  CreatedOn: string;
  Id: string;
  CreatedById: number;
  CreatedByDisplayName: string;
  Size: number;
  Filename: string;
  Status: "InProcess" | "Archiving" | "Complete";
  ApplianceId: string;
  ApplianceName: string;
  ApplianceMajorVersion: number;
  ApplianceMinorVersion: number;
  ApplianceRevision: number;
  ApplianceBuild: number;
  ArchiveServerId: number | null;
  ArchiveServerName: string | null;
  LastArchivedDate: string | null;
  PasswordProtected: boolean;
  PasswordIdentifier: string | null;
  Password: string | null;
  GpgProtected: boolean;
  GpgPublicKeyName: string | null;
  GpgPublicKey: string | null;
}

/** The backups of an appliance. The API has no failed state: a failed backup disappears. */
export class Backups {
  readonly rows: Backup[] = [];

  constructor(
    private readonly clock: LabClock,
    private readonly identity: Identity,
    newestAgeDays: number,
  ) {
    if (!Number.isFinite(newestAgeDays)) return;
    const made = new Date(clock.now().getTime() - newestAgeDays * DAY_MILLISECONDS);
    this.rows.push({ ...this.newBackup(made, -2, "Automatic backup"), Status: "Complete", Size: 104_857_600 });
  }

  /** Starts a backup, which is complete after 30 s. */
  start(user: SppUser): Backup {
    const backup = this.newBackup(this.clock.now(), user.id, user.displayName);
    this.rows.push(backup);
    this.clock.after(BACKUP_SECONDS, () => {
      backup.Status = "Complete";
      backup.Size = 104_857_600;
    });
    return { ...backup };
  }

  /** @throws ApiError 70003 when the id is not a GUID, 404 when the backup does not exist. */
  get(id: string): Backup {
    if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) throw refusals.guidInvalid("id");
    const backup = this.rows.find((row) => row.Id === id.toLowerCase());
    if (!backup) throw refusals.notFound();
    return backup;
  }

  remove(id: string): void {
    this.rows.splice(this.rows.indexOf(this.get(id)), 1);
  }

  private newBackup(made: Date, userId: number, displayName: string): Backup {
    const { applianceId, name, version } = this.identity;
    return {
      CreatedOn: made.toISOString(),
      Id: randomUUID(),
      CreatedById: userId,
      CreatedByDisplayName: displayName,
      Size: 0,
      Filename: `Safeguard_${applianceId}_${made.toISOString().slice(0, 10).replaceAll("-", "")}.sgb`,
      Status: "InProcess",
      ApplianceId: applianceId,
      ApplianceName: name,
      ApplianceMajorVersion: version.major,
      ApplianceMinorVersion: version.minor,
      ApplianceRevision: version.revision,
      ApplianceBuild: version.build,
      ArchiveServerId: null,
      ArchiveServerName: null,
      LastArchivedDate: null,
      PasswordProtected: false,
      PasswordIdentifier: null,
      Password: null,
      GpgProtected: false,
      GpgPublicKeyName: null,
      GpgPublicKey: null,
    };
  }
}
