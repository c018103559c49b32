import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import { join } from "node:path";
import { z } from "zod";
import type { OperationContext } from "../core/context";
import { messageOf } from "../core/errors";
import { isSameName } from "../core/names";

const attempt = z.object({
  /** Node id of the Central Management node that was asked to join. */
  nodeId: z.string(),
  /** Id of the SPP appliance it was asked to join. */
  applianceId: z.string(),
  /** When, by SPP's clock, ISO 8601. */
  sentAt: z.string().refine((text) => !Number.isNaN(Date.parse(text))),
  /** SPP lists the node: the note only says who made the link. */
  isDone: z.boolean().optional(),
});

/** A join request that was sent from this machine, and whose end was not seen, or was a refusal to be waited after. */
export type Attempt = z.output<typeof attempt>;

/**
 * Join requests under way, one small file for each. The engine records nothing of a process that is killed, and SPP may
 * not list the node yet; without this file the next run could ask a second time within the five minutes. A file is there
 * from before the request until its end is known to stand in no other's way, holds no secret and needs no care: its time
 * passes by itself.
 */
export class AttemptLedger {
  /**
   * @param folder default `pulumi-safeguard/join-attempts` in the user's folder for state (XDG_STATE_HOME); undefined
   * for an account without a home, of which nothing can be noted
   */
  constructor(readonly folder: string | undefined = defaultFolder()) {}

  /** Every attempt that is noted, also those long past; empty where nothing can be read. */
  async all(): Promise<Attempt[]> {
    const { folder } = this;
    if (folder === undefined) return [];
    const files = await readdir(folder).catch(() => []);
    const texts = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8").catch(() => "")));
    return texts.flatMap((text) => attemptIn(text) ?? []);
  }

  /** Notes an attempt; on the disk when it returns. Where that fails, a warning is logged, and the join goes on. */
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

  /** The attempt blocks no other one, or SPP lists it from now on. */
  async end(nodeId: string): Promise<void> {
    if (this.folder !== undefined) await rm(fileOf(this.folder, nodeId), { force: true }).catch(() => undefined);
  }
}

const fileOf = (folder: string, nodeId: string) => join(folder, `${encodeURIComponent(nodeId.toLowerCase())}.json`);

/**
 * When a node was last asked to join this appliance, by SPP's clock, in milliseconds since 1970; undefined: not known, or
 * done.
 */
export function attemptAt(attempts: readonly Attempt[], nodeId: string, applianceId: string): number | undefined {
  const pending = attempts.filter(({ isDone }) => !isDone);
  return requestAt(pending, nodeId, applianceId);
}

/** The same, also of a request that is done. */
export function requestAt(attempts: readonly Attempt[], nodeId: string, applianceId: string): number | undefined {
  const found = attempts.find((one) => isSameName(one.nodeId, nodeId) && isSameName(one.applianceId, applianceId));
  return found && Date.parse(found.sentAt);
}

function attemptIn(text: string): Attempt | undefined {
  try {
    return attempt.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function defaultFolder(): string | undefined {
  try {
    const state = process.env.XDG_STATE_HOME || join(os.homedir(), ".local", "state");
    return join(state, "pulumi-safeguard", "join-attempts");
  } catch {
    return undefined;
  }
}
