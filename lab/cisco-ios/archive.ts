import type { FileSystem } from "./files";

/** The settings of `archive`. */
export interface ArchiveSettings {
  path?: string;
  /** How many files are kept, 1 to 14. Default: 10. */
  maximum?: number;
  /** Whether `write memory` also saves to the archive. */
  isWriteMemory?: boolean;
  /** Minutes from one file to the next, 1 to 525,600. Default: none is saved by itself. */
  timePeriod?: number;
}

const DEFAULT_MAXIMUM = 10;

/** The block of a running configuration; with `isComplete`, defaults are shown too. */
export function archiveLines(settings: ArchiveSettings, isComplete = false): string[] {
  const { path, isWriteMemory = false, timePeriod } = settings;
  const maximum = settings.maximum ?? (isComplete ? DEFAULT_MAXIMUM : undefined);
  const lines = [
    ...(path === undefined ? [] : [` path ${path}`]),
    ...(maximum === undefined ? [] : [` maximum ${maximum}`]),
    ...(isWriteMemory ? [" write-memory"] : isComplete ? [" no write-memory"] : []),
    ...(timePeriod === undefined ? [] : [` time-period ${timePeriod}`]),
  ];
  return lines.length > 0 ? ["archive", ...lines] : [];
}

/** The files of the configuration archive. Their names carry the time of the device's clock and a number. */
export class ConfigurationArchive {
  private saved: string[] = [];
  private count = 0;

  constructor(private readonly files: FileSystem) {}

  /** Saves a configuration, and deletes the oldest files beyond the maximum. @returns false where nothing can be saved */
  save(text: string, { path, maximum = DEFAULT_MAXIMUM }: ArchiveSettings): boolean {
    if (path === undefined) return false;
    const name = `${path}-Jan--5-10-00-00.000-UTC-${this.count}`;
    if (!this.files.write(name, `${text}\n`)) return false;
    this.count += 1;
    this.saved.push(name);
    for (const old of this.saved.splice(0, Math.max(0, this.saved.length - maximum))) this.files.remove(old);
    return true;
  }

  /** `show archive`. */
  text({ path, maximum = DEFAULT_MAXIMUM }: ArchiveSettings): string {
    if (path === undefined) return " Archive feature not enabled";
    const rows = Array.from({ length: maximum }, (_, index) => {
      const latest = index === this.saved.length - 1 ? " <- Most Recent" : "";
      return `   ${String(index + 1).padEnd(9)}${this.saved[index] ?? ""}${latest}`;
    });
    return [
      `The maximum archive configurations allowed is ${maximum}.`,
      ...(this.saved.length > 0 ? [`There are currently ${this.saved.length} archive configurations saved.`] : []),
      `The next archive file will be named ${path}-<timestamp>-${this.count}`,
      " Archive #  Name",
      ...rows,
    ].join("\n");
  }
}
