import { counted, given, notChecked, type Outcome, pass, warn } from "../../join/preflight/check";
import { isRead } from "../../join/preflight/gathering";
import type { RouterReading } from "../../router/platform";
import type { Finding } from "../graph/finding";
import type { RouterFacts } from "../site/facts";

/**
 * The traffic of each redirection of a router: packets that go to SPS, and open connections that do not.
 * @param isInForce false while a rule is missing or SPS is bypassed: then new connections pass SPS by, too
 */
export function trafficFindings(router: RouterFacts, isInForce: boolean): Finding[] {
  const { name, object, redirections } = router;
  const level = "traffic";
  const needed = (...checks: string[]) => checks.map((check) => `router-${check}:${name}`);
  return redirections.flatMap((redirection): Finding[] => {
    const of = `${redirection} on router ${name}`;
    return [
      {
        id: `traffic:${name}/${redirection}`,
        title: `clients of ${of} pass SPS`,
        ...{ level, object, after: needed("path", "rules") },
        outcome: traffic(redirection, router),
        isUnsupported: countsNothing(router),
      },
      {
        id: `open:${name}/${redirection}`,
        title: `open connections of ${of} pass SPS`,
        ...{ level, object, after: needed("login", "rules", "bypass") },
        outcome: open(redirection, router, isInForce),
        isUnsupported: listsNothing(router),
      },
    ];
  });
}

/** Whether a router was looked at, and does not list the connections that it tracks. */
const listsNothing = ({ preview }: RouterFacts) =>
  isRead(preview) && preview.value.refusals.length === 0 && preview.value.connections === undefined;

/** What the marks of the connections tell that the router tracks. */
function open(redirection: string, router: RouterFacts, isInForce: boolean): Outcome {
  return given(router.preview, ({ refusals, connections }) => {
    if (refusals.length > 0) return notChecked("something on the router is in the way");
    if (!connections) return notChecked("the router does not list its connections");
    const found = connections.find((one) => one.redirection === redirection);
    const { sent = 0, direct = 0, unknown = 0, example } = found ?? {};
    const marked = sent > 0 ? [`${counted(sent, "open connection")} ${sent === 1 ? "is" : "are"} marked for SPS`] : [];
    if (direct === 0 && unknown > 0) {
      return notChecked(
        `the router does not tell whether ${counted(unknown, "open connection")} ${unknown === 1 ? "goes" : "go"} to SPS`,
      );
    }
    if (direct === 0) return pass(marked[0] ?? "none is open");
    const passing = `${counted(direct, "open connection")} ${direct === 1 ? "goes" : "go"} past SPS, such as ${example}`;
    // Whoever ends a session now opens the next one past SPS.
    if (!isInForce) return notChecked(`the redirection is not in force, and ${passing}`);
    return warn([passing, ...marked].join("; "), DIRECT_REMEDY);
  });
}

const DIRECT_REMEDY =
  "end these sessions, which were opened before the redirection or during a bypass; with existingConnections cut, the router ends them";

/** Whether a router has the redirections, and no counters. */
const countsNothing = ({ reading }: RouterFacts) =>
  isRead(reading) && reading.value !== undefined && reading.value.counters.length === 0;

function traffic(redirection: string, router: RouterFacts): Outcome {
  const { reading, later, trafficSeconds } = router;
  return given(reading, (before) => {
    if (!before) return notChecked("the router has no redirection");
    if (countsNothing(router)) return notChecked("the router counts no packets");
    if (later === undefined) return notChecked("it was not wanted");
    return given(later, (after) =>
      passed(countersOf(redirection, before), countersOf(redirection, after), trafficSeconds),
    );
  });
}

interface Counts {
  selected: number;
  diverted: number;
}

function countersOf(redirection: string, reading: RouterReading | undefined): Counts | undefined {
  const found = reading?.counters.find((counter) => counter.redirection === redirection);
  return found && { selected: found.selectedPackets, diverted: found.divertedPackets };
}

function passed(before: Counts | undefined, after: Counts | undefined, seconds: number): Outcome {
  if (!before || !after) return notChecked("the router counts no packets of it");
  // Rules that were written anew count from zero.
  const grown = (name: keyof Counts) => after[name] - (after[name] < before[name] ? 0 : before[name]);
  const [selected, diverted] = [grown("selected"), grown("diverted")];
  if (diverted > 0) return pass(`${counted(diverted, "packet")} went to SPS within ${seconds} s`);
  if (selected === 0) {
    return notChecked(
      `no packet of a client was counted within ${seconds} s; ${counted(after.diverted, "packet")} so far`,
    );
  }
  const text = `${counted(selected, "packet")} matched within ${seconds} s, and none went to SPS`;
  return { status: "fail", code: "SG2506", text, remedy: "run pulumi up --refresh for the site" };
}
