import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { ApplianceConnection } from "../../core/connection";
import { messageOf } from "../../core/errors";
import { parseJson } from "../../core/json";
import { stateFolder } from "../../core/state-folder";

const settings = z.object({ levels: z.record(z.string(), z.int()), debugLogging: z.boolean().optional() });

const raised = z.object({
  /** Address and port of the SPS. */
  sps: z.string(),
  /** The changed settings as they were. */
  before: settings,
  /** The same settings as they were set. */
  set: settings,
  /** When they are put back, ISO 8601. */
  until: z.string().refine((text) => !Number.isNaN(Date.parse(text))),
});

/** Log settings of one SPS that were raised for a limited time. */
export type RaisedLogs = z.output<typeof raised>;

/** Names an SPS in the notes. */
export const spsKey = ({ address, port }: Pick<ApplianceConnection, "address" | "port">) =>
  `${address.toLowerCase()}:${port}`;

/**
 * Notes of raised log settings, one small file for each SPS. A note is on disk before the settings are raised, and is
 * removed when they are put back, so that a killed run is made good by the next one. It holds no secret.
 */
export class RaisedLogsNotes {
  /** @param folder default `pulumi-safeguard/raised-logs` in the user's state folder (XDG_STATE_HOME) */
  constructor(readonly folder: string | undefined = stateFolder("raised-logs")) {}

  /** The note of an SPS; undefined when there is none, or none that can be read. */
  async find(sps: string): Promise<RaisedLogs | undefined> {
    if (this.folder === undefined) return undefined;
    const text = await readFile(fileOf(this.folder, sps), "utf8").catch(() => "");
    return raised.safeParse(parseJson(text)).data;
  }

  /** Writes a note, on disk before it returns. @throws Error when it cannot be written; then nothing may be raised */
  async write(note: RaisedLogs): Promise<void> {
    try {
      if (this.folder === undefined) throw new Error("this account has no home; set XDG_STATE_HOME");
      await mkdir(this.folder, { recursive: true, mode: 0o700 });
      const file = fileOf(this.folder, note.sps);
      await writeFile(`${file}.part`, JSON.stringify(note), { mode: 0o600, flush: true });
      await rename(`${file}.part`, file);
    } catch (error) {
      const cause = `the present settings cannot be noted on this machine (${messageOf(error)})`;
      throw new Error(`sps ${note.sps}: raise log levels: ${cause}; nothing was changed`, { cause: error });
    }
  }

  async remove(sps: string): Promise<void> {
    if (this.folder !== undefined) await rm(fileOf(this.folder, sps), { force: true });
  }
}

const fileOf = (folder: string, sps: string) => join(folder, `${encodeURIComponent(sps)}.json`);
