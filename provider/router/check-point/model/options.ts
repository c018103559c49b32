import { z } from "zod";
import { flag, wholeNumber } from "../../../core/fields";
import type { Known } from "../../../core/unknown";

/** The default range of priorities, and the highest one: higher ones are those of the kernel's own rules. */
const FIRST_PRIORITY = 1000;
const LAST_PRIORITY = 1999;
const HIGHEST_PRIORITY = 32_765;

/** Settings that only a Check Point gateway has. */
export const checkPointOptionsSchema = z.strictObject({
  overrideLock: flag(
    "True takes the lock of the configuration from another session, which can then only read. False: the change is refused while another session holds the lock.",
  ).default(false),
  firstPriority: wholeNumber(
    1,
    HIGHEST_PRIORITY,
    "First priority of the PBR rules of redirections. Rules with lower numbers are evaluated before them. Use the same range in all programs.",
  ).default(FIRST_PRIORITY),
  lastPriority: wholeNumber(
    1,
    HIGHEST_PRIORITY,
    "Last priority of the PBR rules of redirections. The upper half of the range is for failMode closed.",
  ).default(LAST_PRIORITY),
});

/** The settings after check. */
export type CheckedCheckPointOptions = z.output<typeof checkPointOptionsSchema>;

/** The settings without unknown parts. */
export type CheckPointOptions = Known<CheckedCheckPointOptions>;

/** The priorities that redirections use. */
export interface Priorities {
  first: number;
  last: number;
}

/** The priorities of the options; the upper half, for rules that reject, begins after `middle`. */
export function prioritiesOf({ firstPriority, lastPriority }: CheckPointOptions): Priorities {
  return { first: firstPriority, last: lastPriority };
}

export function middleOf({ first, last }: Priorities): number {
  return first + Math.floor((last - first + 1) / 2) - 1;
}

export const DEFAULT_PRIORITIES: Priorities = { first: FIRST_PRIORITY, last: LAST_PRIORITY };
