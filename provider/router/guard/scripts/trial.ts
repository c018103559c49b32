import { quoteWord } from "../../../core/shell-word";
import { confirmingScript, confirmingText, type Protection } from "./guard-scripts";
import { type Probe, type ProbeResult, probingText } from "./probes";

/** A probe as the confirmation runs it. */
export interface Try {
  probe: Probe;
  /** True when a failed probe rolls the changes back. */
  isNeeded: boolean;
  /** The redirection whose clients the probe checks; absent for other probes. */
  redirection?: string;
  /** True when the probe can pass only after waiting for clients. */
  isAwaited?: boolean;
}

/** The checks that applied changes have to pass. */
export interface Trial {
  tries: readonly Try[];
  /** The redirections whose clients have to pass SPS; probes from the router prove nothing for clients. */
  redirections?: readonly string[];
  /** Shell text that waits for clients for at most this many seconds; absent when no probe needs clients. */
  awaitingText?: ((seconds: number) => string) | undefined;
  /** How long to wait for clients, in seconds. */
  waitSeconds: number;
  /** Shell text that runs over the same connection as soon as the changes are confirmed. */
  afterwards?: string | undefined;
}

/**
 * The script that runs the probes on the router and then confirms the changes or rolls them back.
 * @param seconds how long to wait for clients; 0 checks once
 */
export function trialScript(
  protection: Protection,
  { tries, awaitingText, afterwards }: Trial,
  seconds: number,
): string {
  const end = afterwards === undefined ? "" : `\nif [ "\${sps_result-}" = kept ]; then\n${afterwards}\nfi`;
  if (tries.length === 0) return `${confirmingScript(protection)}${end}`;
  // Wait for clients only when all other probes passed.
  const others = tries.filter(({ redirection }) => redirection === undefined);
  const clients = tries.slice(others.length);
  const isAwaiting = clients.some(({ isAwaited }) => isAwaited);
  const awaiting = isAwaiting && awaitingText ? `${awaitingText(seconds)}\n` : "";
  return `${confirmingText(protection.token)}
sps_ok=1
sps_need() {
  for sps_needed in "$@"; do
    printf '%s\\n' "$sps_results" | grep -q "^@@probe $sps_needed " || sps_ok=0
  done
}
${roundText(others, 0, "")}${roundText(clients, others.length, awaiting)}if [ "$sps_ok" = 1 ]; then sps_confirm; else sps_reject; fi${end}`;
}

function roundText(tries: readonly Try[], from: number, awaiting: string): string {
  if (tries.length === 0) return "";
  // Number and result of each probe, as a shell pattern.
  const needed = tries.flatMap(({ isNeeded, probe: { isCovered } }, index) =>
    isNeeded ? [quoteWord(`${from + index} ${isCovered ? "[02]" : "0"}`)] : [],
  );
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

/** The needed probes that did not pass. Probes of clients count only when all others passed. */
export function neededFailures(results: readonly ProbeResult[], tries: readonly Try[]): ProbeResult[] {
  const failed = results.flatMap((result, index) => {
    const tried = tries[index];
    return tried?.isNeeded && result.result !== "passed" && !isCoveredByOthers(result)
      ? [{ result, isTraffic: tried.redirection !== undefined }]
      : [];
  });
  const others = failed.filter(({ isTraffic }) => !isTraffic);
  return (others.length > 0 ? others : failed).map(({ result }) => result);
}

/** Whether another probe proves what this one could not check. */
export const isCoveredByOthers = ({ result, probe }: ProbeResult) => result === "unchecked" && probe.isCovered === true;

/** A probe that did not pass, in words. */
export function failureText({ probe, result, detail }: ProbeResult): string {
  return result === "unchecked" ? `${probe.title} (not checked: ${detail})` : `${probe.title} (${detail})`;
}
