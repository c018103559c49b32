import type { ErrorCode } from "../../core/errors";
import { sppFailure } from "../../spp/failures";
import type { Facts } from "./facts";
import { type Fact, TIME_UP, type Unread } from "./gathering";

/** What a check found. */
export interface Outcome {
  status: "pass" | "warn" | "fail" | "not checked";
  /** The finding, or why no check was made. */
  text: string;
  /** What to do about it. */
  remedy?: string;
  /** Property of the program it concerns, for example `spp.address`. */
  path?: string;
  /** Stable code of the cause, the same as in the error that the join itself would end with. */
  code?: ErrorCode;
}

/** One condition of a join. Pure: it reads facts alone. */
export interface Check {
  /** Never changes. */
  id: string;
  /** The condition in a few words. */
  title: string;
  /** The vendor's document that asks for it. */
  source: string;
  /**
   * Whether it matters only while the join request is still to be sent. Once SPP has an entry of the node no request is
   * sent any more, and a failure becomes a warning.
   */
  isForRequest?: boolean;
  run(facts: Facts): Outcome;
}

/** Something a reader should know that can neither pass nor fail. */
export interface Note extends Pick<Check, "id" | "title" | "source"> {
  text: string;
}

export const pass = (text: string): Outcome => ({ status: "pass", text });

/** The join would work, but a person should know. */
export const warn = (text: string, remedy: string, path?: string): Outcome => ({ status: "warn", text, remedy, path });

/** The join would fail, or do harm. */
export const fail = (code: ErrorCode, text: string, remedy: string, path?: string): Outcome => ({
  status: "fail",
  text,
  remedy,
  path,
  code,
});

export const notChecked = (why: string): Outcome => ({ status: "not checked", text: why });

/** Decides about a fact that was read; says else why it was not. */
export function given<T>(fact: Fact<T>, decide: (value: T) => Outcome): Outcome {
  return "value" in fact ? decide(fact.value) : notChecked(fact.why);
}

/** The failure behind a fact that was not read, in the words of its error. */
export function failureOf(unread: Unread, path?: string): Outcome {
  const { code, why, cause = why, remedy = "check the appliance" } = unread;
  return { status: "fail", text: cause, remedy, path, ...(code !== undefined && code !== TIME_UP && { code }) };
}

/** A failure in the words that SPP's own refusal would have. */
export function sppRefusal(name: Parameters<typeof sppFailure>[0], path: string, detail = ""): Outcome {
  const { code, text } = sppFailure(name, "spp", "preflight", detail);
  return fail(code, text.cause, text.remedy, path);
}

/** A fact that was not read because of an error. */
export type Failed = Unread & { code: NonNullable<Unread["code"]> };

/** Whether a fact was not read because of one of these errors. */
export function failedWith(fact: Fact<unknown>, codes: readonly (ErrorCode | typeof TIME_UP)[]): fact is Failed {
  return "why" in fact && fact.code !== undefined && codes.includes(fact.code);
}

/** Whether a fact was not read in time. */
export const timeWasUp = (fact: Fact<unknown>): fact is Failed => failedWith(fact, [TIME_UP]);

/** A count with its noun, for example `1 node`, `2 nodes`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}

/** Some of a list, and how many more there are. */
export function listed(names: readonly string[], most = 5): string {
  const rest = names.length - most;
  return rest > 0 ? `${names.slice(0, most).join(", ")} and ${rest} more` : names.join(", ");
}

/** A time span in words, such as `45 s`, `4 min`, `3 h`, `12 days`. */
export function spanText(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds / 1000);
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}

/** The vendor's documents behind the checks; titles of guides and of the interface description. */
export const SOURCES = {
  join: "SPS Administration Guide: Joining SPS to SPP",
  joinErrors: "SPS Administration Guide: SPP join error resolutions",
  clusterRoles: "SPS Administration Guide: Cluster roles",
  nodeStatus: "SPS Administration Guide: Monitoring the status of nodes",
  wizard: "SPS REST API Reference Guide: Welcome Wizard",
  authenticate: "SPS REST API Reference Guide: Authenticate",
  manageClusters: "SPS REST API Reference Guide: Manage clusters",
  systemBackup: "SPS REST API Reference Guide: System backup",
  link: "SPP Administration Guide: SPP and SPS join guidance",
  sppCertificates: "SPP OpenAPI v4: SslCertificates",
  sppClusterStatus: "SPP OpenAPI v4: Cluster/Status",
  sppSessionModules: "SPP OpenAPI v4: Cluster/SessionModules",
  sppStatus: "SPP OpenAPI v4: notification Status",
  sppLogin: "Safeguard API Tutorial: authentication",
  sppBackups: "SPP Administration Guide: Backup and restore",
} as const;
