import type { Window } from "./definition";

export const MINUTES_OF_DAY = 1440;

/** The minute of the day that a text such as 08:30 names. */
export function minuteOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  return hours * 60 + minutes;
}

/** How long a window is open each time, in minutes, on a day without a change to or from summer time. */
export function windowMinutes({ from, to }: Window): number {
  return (minuteOf(to) - minuteOf(from) + MINUTES_OF_DAY) % MINUTES_OF_DAY;
}
