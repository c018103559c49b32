import { counted, given, notChecked, type Outcome, pass, warn } from "../../join/preflight/check";
import type { Facts } from "../../join/preflight/facts";
import { valueIfRead } from "../../join/preflight/gathering";
import { type LiveSessions, sessionsText } from "../../sps/live-sessions";
import type { Finding } from "../graph/finding";
import type { SiteFacts } from "../site/facts";
import type { NewSessions } from "../site/new-sessions";

/** What SPS itself tells of sessions: how many there are now, and those that begin while it is watched. Whose they are is not asked. */
export function sessionFindings({ pair, newSessions }: Pick<SiteFacts, "pair" | "newSessions">): Finding[] {
  const object = `sps ${pair.sps.address}`;
  const common = { level: "traffic", object, after: ["sps-login"] } as const;
  return [
    { id: "sps-sessions", title: "sessions pass SPS", ...common, outcome: sessionsOf(pair) },
    ...(newSessions
      ? [{ id: "sps-new-sessions", title: "new sessions pass SPS", ...common, outcome: given(newSessions, begun) }]
      : []),
  ];
}

function begun({ count, seconds, unlisted, isBlind }: NewSessions): Outcome {
  if (count > 0) return pass(`${counted(count, "new session")} within ${seconds} s`);
  if (isBlind)
    return warn(`SPS tells this account of no sessions: ${unlisted}`, "give the account the right to search");
  const listed =
    unlisted === undefined ? "" : `; SPS does not list the recorded ones, so only open ones were seen: ${unlisted}`;
  return notChecked(`no new session within ${seconds} s${listed}`);
}

/** The sessions of the node that answers, and those that the others have reported to it. */
function sessionsOf({ sps }: Facts): Outcome {
  return given(sps.sessions ?? { why: "they were not asked for" }, (own) => {
    const reported = (valueIfRead(sps.reports) ?? []).flatMap(({ sessions }) => (sessions ? [sessions] : []));
    const text = sessionsText([own, ...reported].reduce<LiveSessions>(added, {}));
    return text === undefined
      ? notChecked("no session at this moment; SPS shows earlier ones at Search")
      : pass(`${text} at this moment`);
  });
}

function added(sum: LiveSessions, more: LiveSessions): LiveSessions {
  const counts = Object.entries(more).map(([protocol, count]) => [protocol, (sum[protocol] ?? 0) + count]);
  return { ...sum, ...Object.fromEntries(counts) };
}
