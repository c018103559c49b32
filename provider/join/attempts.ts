import { randomUUID } from "node:crypto";
import { link, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { OperationContext } from "../core/context";
import { messageOf } from "../core/errors";
import { parseJson } from "../core/json";
import { isSameName } from "../core/names";
import { stateFolder } from "../core/state-folder";

const attempt = z.object({
  /** Node id of the Central Management node that received the join request. */
  nodeId: z.string(),
  /** Id of the SPP appliance to join. */
  applianceId: z.string(),
  /** Time of the request by SPP's clock, ISO 8601. */
  sentAt: z.string().refine((text) => !Number.isNaN(Date.parse(text))),
  /** SPP lists the node. The entry then only records that this product made the link. */
  isDone: z.boolean().optional(),
});

/** A join request sent from this machine whose outcome is unknown, or that was refused and requires a cool-down. */
export type Attempt = z.output<typeof attempt>;

/**
 * Pending join requests, one small file each. Pulumi records nothing when the process is killed, and SPP may not list the node yet. Without
 * this file the next run could send a second request within five minutes. The file is written before the request and removed when the
 * request blocks no other. It holds no secret and expires by itself.
 */
export class AttemptLedger {
  /**
   * @param folder default `pulumi-safeguard/join-attempts` in the user's state folder (XDG_STATE_HOME); undefined for an account without a
   * home, where nothing is recorded
   */
  constructor(readonly folder: string | undefined = stateFolder("join-attempts")) {}

  /** All recorded attempts, including expired ones; empty when the folder cannot be read. */
  async all(): Promise<Attempt[]> {
    const { folder } = this;
    if (folder === undefined) return [];
    const files = (await readdir(folder).catch(() => [])).filter((file) => file.endsWith(".json"));
    const texts = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8").catch(() => "")));
    return texts.flatMap((text) => attempt.safeParse(parseJson(text)).data ?? []);
  }

  /**
   * Notes an attempt right before its request, in one step, so that of two programs on this machine one sends.
   * @returns false when another program has noted one that is pending and younger than `seconds`
   */
  async claim(noted: Attempt, seconds: number, context: Pick<OperationContext, "log">): Promise<boolean> {
    const { folder } = this;
    if (folder === undefined) {
      await this.begin(noted, context);
      return true;
    }
    const file = fileOf(folder, noted.nodeId);
    const own = `${file}.${randomUUID()}.tmp`;
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeFile(own, JSON.stringify(noted), { mode: 0o600, flush: true });
      const text = await readFile(file, "utf8").catch(() => undefined);
      if (text !== undefined && !isBlocking(text, noted, seconds)) await rm(file, { force: true });
      // Fails where another program was faster.
      await link(own, file);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
      await this.begin(noted, context);
      return true;
    } finally {
      await rm(own, { force: true }).catch(() => undefined);
    }
  }

  /** Writes an attempt to disk before it returns. A failure is logged as a warning, and the join continues. */
  async begin(noted: Attempt, { log }: Pick<OperationContext, "log">): Promise<void> {
    try {
      if (this.folder === undefined) throw new Error("this account has no home; set XDG_STATE_HOME");
      await mkdir(this.folder, { recursive: true, mode: 0o700 });
      await writeFile(fileOf(this.folder, noted.nodeId), JSON.stringify(noted), { mode: 0o600, flush: true });
    } catch (error) {
      const risk = "if this run is killed, the next one does not know of its request";
      log.warn(`the join request cannot be noted on this machine (${messageOf(error)}); ${risk}`);
    }
  }

  /** Ends an attempt: it blocks no other one, or SPP lists the node. */
  async end(nodeId: string): Promise<void> {
    if (this.folder !== undefined) await rm(fileOf(this.folder, nodeId), { force: true }).catch(() => undefined);
  }
}

/** Whether a noted attempt keeps a new request of the node from being sent. */
function isBlocking(text: string, next: Attempt, seconds: number): boolean {
  const other = attempt.safeParse(parseJson(text)).data;
  if (!other || other.isDone || !isSameName(other.applianceId, next.applianceId)) return false;
  return Date.parse(next.sentAt) - Date.parse(other.sentAt) < seconds * 1000;
}

const fileOf = (folder: string, nodeId: string) => join(folder, `${encodeURIComponent(nodeId.toLowerCase())}.json`);

/**
 * Time of the last pending join request of a node to this appliance, by SPP's clock, in milliseconds since 1970; undefined when there is
 * none.
 */
export function attemptAt(attempts: readonly Attempt[], nodeId: string, applianceId: string): number | undefined {
  const pending = attempts.filter(({ isDone }) => !isDone);
  return requestAt(pending, nodeId, applianceId);
}

/** Like `attemptAt`, but includes completed requests. */
export function requestAt(attempts: readonly Attempt[], nodeId: string, applianceId: string): number | undefined {
  const found = attempts.find((one) => isSameName(one.nodeId, nodeId) && isSameName(one.applianceId, applianceId));
  return found && Date.parse(found.sentAt);
}
