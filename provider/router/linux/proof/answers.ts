import type { NextHop } from "../model/next-hops";
import { TRACKING_FUNCTIONS } from "./traffic-script";

/** The connections that the router sends to one SPS. Attempts and ended connections are tracked for about two minutes. */
export interface Answers {
  answered: number;
  unanswered: number;
}

const MARK = "@@answers";

/** Shell text that counts the answered and the unanswered connections of each mark. It changes nothing. */
export function answersText(marks: readonly number[]): string {
  return `${TRACKING_FUNCTIONS}
for sps_mark in ${marks.join(" ")}; do
  printf '\\n${MARK} %s %s\\n' "$sps_mark" "$(sps_tracked -m "$sps_mark/255" | awk -v marked="$sps_mark" "$sps_parse"'
mark == marked { count[answered]++ }
END { if (!unlisted) print count[1] + 0, count[0] + 0 }')"
done`;
}

/** The counts by mark; empty when the router does not list its tracked connections. */
export function parseAnswers(stdout: string): Map<number, Answers> {
  const lines = stdout.matchAll(new RegExp(`^${MARK} (\\d+) (\\d+) (\\d+)$`, "gm"));
  return new Map(
    [...lines].map(([, mark, answered, unanswered]) => [
      Number(mark),
      { answered: Number(answered), unanswered: Number(unanswered) },
    ]),
  );
}

/** Warnings about every SPS that clients are sent to and that answers none of them. */
export function unansweredWarnings(hops: readonly NextHop[], answers: ReadonlyMap<number, Answers>): string[] {
  return hops.flatMap(({ mark, gateway }) => {
    const { answered, unanswered } = answers.get(mark) ?? { answered: 0, unanswered: 0 };
    if (answered > 0 || unanswered === 0) return [];
    const count = unanswered === 1 ? "1 connection of a client was" : `${unanswered} connections of clients were`;
    return `${count} sent to SPS ${gateway}, and none was answered; check SPS, and rules on the way to it and back`;
  });
}
