import type { PlannedNode } from "../../core/deployment";
import { type ErrorCode, entryOf } from "../../core/errors";
import { sppFailure } from "../../spp/failures";
import type { Facts } from "./facts";
import { type Fact, TIME_UP, type Unread } from "./gathering";

/** The result of a check; `planned`: the same update makes it true, and the join checks it again. */
export interface Outcome {
  status: "pass" | "warn" | "fail" | "planned" | "not checked";
  /** The finding, the plan, or why the check was skipped. */
  text: string;
  /** The fix. */
  remedy?: string;
  /** Property of the program that causes the finding, for example `spp.address`. */
  path?: string;
  /** Stable code of the cause, the same as in the error of a failed join. */
  code?: ErrorCode;
}

/** One condition of a join. Pure: it only evaluates facts. */
export interface Check {
  /** Stable identifier. */
  id: string;
  /** The condition in a few words. */
  title: string;
  /** The vendor's document that states the condition. */
  source: string;
  /**
   * Whether the check matters only before the join request is sent. Once SPP has an entry for the node, no request is sent, and a failure
   * becomes a warning.
   */
  isForRequest?: boolean;
  run(facts: Facts): Outcome;
  /** Replaces `run` while the node is in no cluster and is promoted later in the same update. */
  runBeforePromotion?(facts: Facts, nodes: readonly PlannedNode[] | undefined): Outcome;
}

/** Information that can neither pass nor fail. */
export interface Note extends Pick<Check, "id" | "title" | "source"> {
  text: string;
}

export const pass = (text: string): Outcome => ({ status: "pass", text });

/** The join would work, but needs attention. */
export const warn = (text: string, remedy: string, path?: string): Outcome => ({ status: "warn", text, remedy, path });

/** The join would fail or do harm. Default remedy: that of the code. */
export function fail(code: ErrorCode, text: string, path?: string, remedy = entryOf(code).remedy): Outcome {
  return { status: "fail", text, remedy, path, code };
}

/** The same update makes the condition true. */
export const planned = (text: string): Outcome => ({ status: "planned", text: `after promotion: ${text}` });

export const notChecked = (why: string): Outcome => ({ status: "not checked", text: why });

/** Evaluates a fact, or reports why it was not read. */
export function given<T>(fact: Fact<T>, decide: (value: T) => Outcome): Outcome {
  return "value" in fact ? decide(fact.value) : notChecked(fact.why);
}

/** Reports the error behind a fact that was not read. */
export function failureOf(unread: Unread, path?: string): Outcome {
  const { code, why, cause = why, remedy = "check the appliance" } = unread;
  return { status: "fail", text: cause, remedy, path, ...(code !== undefined && code !== TIME_UP && { code }) };
}

/** Reports a failure with the text of SPP's own refusal. */
export function sppRefusal(name: Parameters<typeof sppFailure>[0], path: string, detail = ""): Outcome {
  const { code, text } = sppFailure(name, "spp", "preflight", detail);
  return fail(code, text.cause, path);
}

/** A fact that could not be read because of an error. */
export type Failed = Unread & { code: NonNullable<Unread["code"]> };

/** Whether one of these errors prevented the read of a fact. */
export function failedWith(fact: Fact<unknown>, codes: readonly (ErrorCode | typeof TIME_UP)[]): fact is Failed {
  return "why" in fact && fact.code !== undefined && codes.includes(fact.code);
}

/** Whether the read of a fact timed out. */
export const timeWasUp = (fact: Fact<unknown>): fact is Failed => failedWith(fact, [TIME_UP]);

/** A count with its noun, for example `1 node`, `2 nodes`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}

/** The first names of a list, and the number of the remaining ones. */
export function listed(names: readonly string[], most = 5): string {
  const rest = names.length - most;
  return rest > 0 ? `${names.slice(0, most).join(", ")} and ${rest} more` : names.join(", ");
}

/** A duration as text, such as `45 s`, `4 min`, `3 h`, `12 days`. */
export function spanText(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds / 1000);
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}

/** The vendor's documents behind the checks: titles of guides and of the API description. */
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
