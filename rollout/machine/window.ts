import { WEEKDAYS, type Window } from "../plan/definition";
import { MINUTES_OF_DAY, minuteOf } from "../plan/window-length";

const MINUTE = 60_000;
/** A window repeats each week, and a change to summer time may skip it once. */
const LONGEST_DAYS = 16;

/** When a window is open next: now until `closesAt`, or from `opensAt` on. Times in milliseconds since 1970. */
export type Opening = { isOpen: true; closesAt: number } | { isOpen: false; opensAt: number };

/**
 * Whether a window is open, and until when or from when. A window from 22:00 to 04:00 belongs to the day on which it opens. Hours
 * that a change to summer time skips or repeats count as the clock on the wall shows them.
 */
export function openingOf(window: Window, at: number): Opening {
  const known = found.get(window);
  if (known && at >= known.from && at < edgeOf(known.opening)) return known.opening;
  const opening = openingFrom(window, at);
  found.set(window, { from: at, opening });
  return opening;
}

/** The last answer for each window, which is good until its edge: a journal has thousands of events within one window. */
const found = new WeakMap<Window, { from: number; opening: Opening }>();

const edgeOf = (opening: Opening) => (opening.isOpen ? opening.closesAt : opening.opensAt);

function openingFrom(window: Window, at: number): Opening {
  const clock = wallClock(window.timezone ?? "UTC");
  const isOpen = (time: number) => isWithin(window, clock(time));
  const start = Math.floor(at / MINUTE) * MINUTE;
  const open = isOpen(start);
  const end = start + LONGEST_DAYS * MINUTES_OF_DAY * MINUTE;
  // It opens and closes on full minutes.
  for (let time = start + MINUTE; time < end; time += MINUTE) {
    if (isOpen(time) !== open) return open ? { isOpen: true, closesAt: time } : { isOpen: false, opensAt: time };
  }
  // No window stays as it is for so long; one that did would be looked at again then.
  return open ? { isOpen: true, closesAt: end } : { isOpen: false, opensAt: end };
}

interface Clock {
  /** 0 for Monday. */
  day: number;
  minute: number;
}

function isWithin({ days, from, to }: Window, { day, minute }: Clock): boolean {
  const [opens, closes] = [minuteOf(from), minuteOf(to)];
  const opensOn = (one: number) => days === undefined || days.includes(WEEKDAYS[one] ?? "mon");
  if (opens < closes) return minute >= opens && minute < closes && opensOn(day);
  return minute >= opens ? opensOn(day) : minute < closes && opensOn((day + 6) % 7);
}

/** Reads the clock on the wall of a time zone. Offsets change on full quarters of an hour, so one is good for that long. */
function wallClock(timeZone: string): (time: number) => Clock {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    hourCycle: "h23",
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
  });
  const days: readonly string[] = WEEKDAYS;
  const QUARTER = 15 * MINUTE;
  const known = new Map<number, Clock>();
  return (time) => {
    const quarter = Math.floor(time / QUARTER) * QUARTER;
    const { day, minute } = known.get(quarter) ?? read(quarter);
    return { day, minute: minute + (time - quarter) / MINUTE };
  };

  function read(quarter: number): Clock {
    const parts = Object.fromEntries(format.formatToParts(quarter).map(({ type, value }) => [type, value]));
    const day = days.indexOf(parts.weekday?.toLowerCase() ?? "");
    const clock = { day, minute: Number(parts.hour) * 60 + Number(parts.minute) };
    known.set(quarter, clock);
    return clock;
  }
}
