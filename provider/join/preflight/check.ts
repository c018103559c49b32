import type { ErrorCode } from "../../core/errors";
import { sppFailure } from "../../spp/failures";
import { type Fact, TIME_UP, type Unread } from "./fact";
import type { Facts } from "./facts";

/** What a check found. */
export interface Outcome {
  status: "pass" | "warn" | "fail" | "not checked";
  /** What is so, or why it was not looked at. */
  text: string;
  /** What to do about it. */
  remedy?: string;
  /** Property of the program it concerns, for example `spp.address`. */
  path?: string;
  /** Stable code of the cause, the same as in the error that the join itself would end with. */
  code?: ErrorCode;
}

/** One thing that must be so before a join. Pure: it only judges facts. */
export interface Check {
  /** Never changes. */
  id: string;
  /** What is looked at, in a few words. */
  title: string;
  /** The vendor's document that asks for it. */
  source: string;
  /**
   * Whether it matters only as long as the join request is still to be sent. Once SPP has an entry of the node nothing
   * is sent any more, and what it finds is a warning at most.
   */
  isForRequest?: boolean;
  run(facts: Facts): Outcome;
}

/** Everything is as it must be. */
export const pass = (text: string): Outcome => ({ status: "pass", text });

/** It can be joined, but a person should know. */
export const warn = (text: string, remedy: string, path?: string): Outcome => ({ status: "warn", text, remedy, path });

/** The join would fail, or do harm. */
export const fail = (code: ErrorCode, text: string, remedy: string, path?: string): Outcome => ({
  status: "fail",
  text,
  remedy,
  path,
  code,
});

/** It was not looked at, and why. */
export const notChecked = (why: string): Outcome => ({ status: "not checked", text: why });

/** Judges a fact if it was had; says else why it was not. */
export function given<T>(fact: Fact<T>, judge: (value: T) => Outcome): Outcome {
  return "value" in fact ? judge(fact.value) : notChecked(fact.why);
}

/** The failure behind a fact that was not had, in the words of its error. */
export function failureOf(unread: Unread, path?: string): Outcome {
  const { code, why, cause = why, remedy = "look at the appliance" } = unread;
  return { status: "fail", text: cause, remedy, path, ...(code !== undefined && code !== TIME_UP && { code }) };
}

/** A failure in the words SPP's own refusal would have. */
export function sppRefusal(name: Parameters<typeof sppFailure>[0], path: string, detail = ""): Outcome {
  const { code, text } = sppFailure(name, "spp", "preflight", detail);
  return fail(code, text.cause, text.remedy, path);
}

/** A fact that an error kept from being had. */
export type Failed = Unread & { code: NonNullable<Unread["code"]> };

/** Tells whether a fact is missing because of one of these errors. */
export function failedWith(fact: Fact<unknown>, codes: readonly (ErrorCode | typeof TIME_UP)[]): fact is Failed {
  return "why" in fact && fact.code !== undefined && codes.includes(fact.code);
}

/** Tells whether a fact is missing because the time was up. */
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
