import type { ErrorCode } from "../../core/errors";

/** Something that was to be found out: its value, or why it could not be had. */
export type Fact<T> = { value: T } | Unread;

/** Why a fact could not be had. */
export interface Unread {
  /** In a few words that fit after "not checked: ", for example `login refused`. */
  why: string;
  /** Code of the error behind it, or TIME_UP; undefined when nobody was asked. */
  code?: ErrorCode | typeof TIME_UP;
  /** Cause and remedy of the error behind it, for the check that reports it. */
  cause?: string;
  remedy?: string;
}

/** Code of a fact that was not there in time. */
export const TIME_UP = "time up";

/** Tells whether a fact was had. */
export function isRead<T>(fact: Fact<T>): fact is { value: T } {
  return "value" in fact;
}

/** The value of a fact, or undefined when it was not had. */
export function valueIfRead<T>(fact: Fact<T>): T | undefined {
  return isRead(fact) ? fact.value : undefined;
}
