import { given, notChecked, type Outcome, pass } from "../../join/preflight/check";
import type { Facts } from "../../join/preflight/facts";
import { valueIfRead } from "../../join/preflight/gathering";
import { type LiveSessions, sessionsText } from "../../sps/live-sessions";
import type { Finding } from "../graph/finding";

/** What SPS itself tells of sessions: how many there are now. Whose they are, and when the last one ended, only its search page shows. */
export function sessionFinding(facts: Facts): Finding {
  return {
    id: "sps-sessions",
    title: "sessions pass SPS",
    level: "traffic",
    object: `sps ${facts.sps.address}`,
    after: ["sps-login"],
    outcome: sessionsOf(facts),
  };
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
