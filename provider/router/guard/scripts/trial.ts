import { confirmingScript, confirmingText, type Protection } from "./guard-scripts";
import { type Probe, type ProbeResult, probingText } from "./probes";
import { quoteWord } from "./shell-text";

/** A probe as the confirmation tries it. */
export interface Try {
  probe: Probe;
  /** True rolls the changes back when the probe does not pass. */
  isNeeded: boolean;
  /** The redirection whose clients it looks at, where it looks at clients. */
  redirection?: string;
  /** True when it can only pass after clients were awaited. */
  isAwaited?: boolean;
}

/** What applied changes have to pass. */
export interface Trial {
  tries: readonly Try[];
  /** Shell text that waits for clients, at most for so many seconds; absent when no probe needs that. */
  awaitingText?: ((seconds: number) => string) | undefined;
  /** How long the program wants to wait for clients, in seconds. */
  waitSeconds: number;
  /** Shell text to run over the same connection as soon as the changes are confirmed. */
  afterwards?: string | undefined;
}

/**
 * The script that tries the probes and then confirms the changes or rolls them back, on the router itself.
 * @param seconds how long to wait for clients; 0 looks once
 */
export function trialScript(
  protection: Protection,
  { tries, awaitingText, afterwards }: Trial,
  seconds: number,
): string {
  const end = afterwards === undefined ? "" : `\nif [ "\${sps_said-}" = kept ]; then\n${afterwards}\nfi`;
  if (tries.length === 0) return `${confirmingScript(protection)}${end}`;
  // Clients are awaited only when everything else is fine.
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
  // Number and result of each, as a pattern.
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

/** The needed probes that did not pass; those of clients only when all others passed. */
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

/** Tells whether another probe proves what this one could not check. */
export const isCoveredByOthers = ({ result, probe }: ProbeResult) => result === "unchecked" && probe.isCovered === true;

/** A probe that did not pass, in words. */
export function failureText({ probe, result, detail }: ProbeResult): string {
  return result === "unchecked" ? `${probe.title} (not checked: ${detail})` : `${probe.title} (${detail})`;
}
