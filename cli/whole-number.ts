import { UsageError } from "./usage-error";

/** The whole number that an option holds, from `least` to `most`. @throws UsageError */
export function wholeNumber(text: string, option: string, least: number, most: number): number {
  const value = Number(text);
  if (/^\d{1,4}$/.test(text) && value >= least && value <= most) return value;
  throw new UsageError(`Invalid value for ${option}: ${text}. Allowed values are: ${least} to ${most}.`);
}
