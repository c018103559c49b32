import type { OperationContext } from "../../../core/context";
import type { Confirmation } from "../../../resources/router-redirection/schema";
import type { Desired } from "../../linux/model/desired";
import type { Found } from "../../linux/model/found";
import { pathProbes } from "../../linux/proof/path-probes";
import { trafficProbes } from "../../linux/proof/traffic-probes";
import { type AwaitedClients, awaitingText } from "../../linux/proof/traffic-script";
import { type ProbeOptions, trafficSecondsOf } from "../../protection";
import { confirmingScript, confirmingText, type Protection } from "../scripts/guard-scripts";
import { type Probe, type ProbeResult, probingText } from "../scripts/probes";
import { quoteWord } from "../scripts/shell-text";

/** What applied changes have to pass. */
export interface Trial {
  protection: Protection;
  /** When the timer was armed at the earliest, as `performance.now()`. */
  armedAt: number;
  probe: ProbeOptions;
  /** Those that passed before the changes. */
  mustPass: readonly Probe[];
  desired: Desired;
  found: Found;
  /** Shell text to run as soon as the changes are confirmed, over the same connection. */
  then?: string;
}

/** A probe as the confirmation tries it. */
export interface Try {
  probe: Probe;
  /** Whether it has to pass: one that passed before the changes, and what the program asks for. */
  isNeeded: boolean;
  /** The redirection whose clients have to show it, where that is what it looks at. */
  redirection?: string;
  /** The clients that it needs to have been awaited. */
  clients?: AwaitedClients;
}

/** Everything that the confirmation tries: what passed before, the way to SPS, and what clients do. */
export function triesOf({ mustPass, probe, desired, found }: Trial): Try[] {
  const path = probe.path === "off" ? [] : pathProbes(desired, found);
  const traffic = probe.traffic === "off" ? [] : trafficProbes(desired, found);
  return [
    ...mustPass.map((one) => ({ probe: one, isNeeded: true })),
    ...path.map((one) => ({ probe: one, isNeeded: probe.path === "required" })),
    ...traffic.map(({ redirection, clients, ...one }) => ({
      probe: one,
      isNeeded: probe.traffic === "required",
      redirection,
      ...(clients && { clients }),
    })),
  ];
}

/**
 * A probe that must pass decides between confirming and taking back, on the router itself.
 * @param seconds how long to wait for clients; 0 looks once
 */
export function trialScript({ protection, then: text }: Trial, tries: readonly Try[], seconds: number): string {
  const then = text === undefined ? "" : `\nif [ "\${sps_said-}" = kept ]; then\n${text}\nfi`;
  if (tries.length === 0) return `${confirmingScript(protection)}${then}`;
  // Nobody waits for clients while something else is amiss.
  const others = tries.filter(({ redirection }) => redirection === undefined);
  const rounds = [roundText(others, 0, seconds), roundText(tries.slice(others.length), others.length, seconds)];
  return `${confirmingText(protection.token)}
sps_ok=1
sps_need() {
  for sps_needed in "$@"; do
    printf '%s\\n' "$sps_results" | grep -q "^@@probe $sps_needed " || sps_ok=0
  done
}
${rounds.join("")}if [ "$sps_ok" = 1 ]; then sps_confirm; else sps_reject; fi${then}`;
}

function roundText(tries: readonly Try[], from: number, seconds: number): string {
  if (tries.length === 0) return "";
  // Number and result of each, as a pattern.
  const needed = tries.flatMap(({ isNeeded, probe: { isCovered } }, index) =>
    isNeeded ? [quoteWord(`${from + index} ${isCovered ? "[02]" : "0"}`)] : [],
  );
  const clients = tries.flatMap((one) => one.clients ?? []);
  const awaiting = clients.length === 0 ? "" : `${awaitingText(clients, seconds)}\n`;
  const probes = tries.map(({ probe }) => probe);
  return `if [ "$sps_ok" = 1 ]; then
sps_results=$(
${awaiting}${probingText(probes, from)}
)
printf '%s\\n' "$sps_results"
sps_need ${needed.join(" ")}
fi
`;
}

/** What was needed and did not pass. Clients are not awaited while something else is amiss. */
export function neededFailures(results: readonly ProbeResult[], tries: readonly Try[]): ProbeResult[] {
  const failed = results.flatMap((result, index) => {
    const tried = tries[index];
    return tried?.isNeeded && result.result !== "passed" && !isLeftToOthers(result)
      ? [{ result, isTraffic: tried.redirection !== undefined }]
      : [];
  });
  const others = failed.filter(({ isTraffic }) => !isTraffic);
  return (others.length > 0 ? others : failed).map(({ result }) => result);
}

/** Says exactly what was proved, and what was not, of changes that are confirmed now. */
export function confirmedBy(
  results: readonly ProbeResult[],
  tries: readonly Try[],
  { probe }: Trial,
  object: string,
  context: OperationContext,
): Confirmation {
  const passed = results.flatMap(({ result }, index) => (result === "passed" ? (tries[index] ?? []) : []));
  const proved = ["a new SSH login works", ...passed.map(({ probe: one }) => one.title)].join(", ");
  context.log.info(`${object}: confirmed; proved: ${proved}; not proved: that SPS records a session`);
  const unproven: string[] = [];
  for (const [index, one] of results.entries()) {
    if (one.result === "passed") continue;
    const text = `${object}: not proved: ${failureText(one)}`;
    // That clients are silent is no fault; it is said to those who wait for them.
    const isSilence = one.result === "unchecked" && tries[index]?.redirection !== undefined;
    if (isLeftToOthers(one)) context.log.info(text);
    else if (!isSilence) {
      unproven.push(failureText(one));
      context.log.warn(text);
    } else if (trafficSecondsOf(probe) > 0) context.log.info(text);
  }
  const answered = passed.flatMap(({ redirection }) => redirection ?? []);
  return { confirmedAt: new Date().toISOString(), confirmedUnproven: unproven, confirmedTraffic: answered };
}

const isLeftToOthers = ({ result, probe }: ProbeResult) => result === "unchecked" && probe.isCovered === true;

/** A probe that did not pass, in words. */
export function failureText({ probe, result, detail }: ProbeResult): string {
  return result === "unchecked" ? `${probe.title} (not checked: ${detail})` : `${probe.title} (${detail})`;
}
