import { type Phase, type RolloutEvent, VERBS } from "../machine/events";
import { type FinishedRun, type Hold, type RolloutState, SITE_STATUSES, type SiteStatus } from "../machine/state";
import { minutesText } from "../plan/plan";
import { attentionLines } from "./attention";
import { type BudgetSummary, messageNow, type RolloutSummary, type SppSummary } from "./summary";
import { frozenNames, listText, outcomeText, phaseText, siteCount, timeText } from "./words";

/** SPPs that are listed; of more, the JSON form has all. */
const LISTED_SPPS = 10;

/**
 * The lines of `status`: what the rollout does, what it waits for, the sites that need attention, then its waves and SPPs. With the time, also
 * what is left of cool-downs.
 */
export function statusLines(summary: RolloutSummary, now?: number): string[] {
  const { id, status, wave, hold, approval, frozen, startedAt, endedAt, toApprove, budget } = summary;
  const doing = summary.counts.running > 0 ? `, ${DOING[wave.phase]} sites` : "";
  const course =
    status === "running"
      ? `running since ${timeText(startedAt)}, wave ${wave.number} of ${wave.of} (${wave.name})${doing}`
      : `${status} at ${timeText(endedAt ?? startedAt)}, started at ${timeText(startedAt)}`;
  const attention = attentionLines(summary);
  // Those that work or rest first: all others are free.
  const spps = [...summary.spps].sort((left, right) => Number(isFree(left)) - Number(isFree(right)));
  return [
    `rollout ${id}: ${course}`,
    ...(hold && status === "running" ? [`  ${holdText(hold, approval)}`] : []),
    ...approvalLines(toApprove),
    ...(attention.length > 0 ? ["", ...attention] : []),
    "",
    ...waveTable(summary),
    ...spps.slice(0, LISTED_SPPS).map((spp) => sppLine(spp, now)),
    ...(spps.length > LISTED_SPPS ? [`… and ${spps.length - LISTED_SPPS} more SPPs; status --json lists all`] : []),
    ...(budget && status === "running" ? [budgetLine(budget)] : []),
    ...(frozen.length > 0 ? [`frozen, never touched: ${listText(frozenNames(frozen, summary.frozenReasons))}`] : []),
  ];
}

/** The changes that wait for approval, identical ones once with their sites. */
export function approvalLines(toApprove: RolloutSummary["toApprove"]): string[] {
  return toApprove.flatMap(({ sites, value }) => [
    `  ${siteCount(sites.length)}: ${listText(sites)}`,
    ...value.map((change) => `    ${change}`),
  ]);
}

const isFree = ({ site, isTaken, coolDownUntil }: SppSummary) =>
  site === undefined && isTaken === undefined && coolDownUntil === undefined;

function sppLine({ spp, site, since, isTaken, coolDownUntil, waiting }: SppSummary, now: number | undefined): string {
  const left =
    coolDownUntil === undefined || now === undefined ? 0 : Math.ceil((Date.parse(coolDownUntil) - now) / 1000);
  const leftText = left > 0 ? ` (${left} s left)` : "";
  const holder = site === undefined ? undefined : `changing ${site} since ${timeText(since ?? 0)}`;
  const rest = coolDownUntil === undefined ? undefined : `cooling down until ${timeText(coolDownUntil)}${leftText}`;
  const queue = waiting.length === 0 ? "none waiting" : `${siteCount(waiting.length)} waiting: ${listText(waiting)}`;
  return `spp ${spp}: ${holder ?? rest ?? (isTaken ? "in use by another rollout" : "free")}, ${queue}`;
}

function budgetLine({ failed, unknown, unreachable, perWave, total, parallelism: { now, of } }: BudgetSummary): string {
  const used = `${failed} failed, ${unknown} unknown, ${unreachable} unreachable`;
  return `failure budget: ${used}, of ${total} in all and ${perWave} per wave; ${now} of ${of} sites at a time`;
}

/** What a rollout waits for, with the command that lets it go on. An approval names the id of what is shown. */
export function holdText(hold: Hold, approval?: string): string {
  const approve = ["rollout approve", ...(approval === undefined ? [] : [approval]), "--reason TEXT"].join(" ");
  switch (hold.kind) {
    case "approval":
      return `waiting for approval of wave ${hold.wave}${joinsText(hold.joins)}; run: ${approve}`;
    case "changed":
      return `waiting for approval, because program or definition changed to ${hold.fingerprint}; run: ${approve}`;
    case "failures":
      return `held by failures at ${listText(hold.sites)}; run: rollout retry SITE or rollout skip SITE, with --reason TEXT`;
    case "soak":
      return `waiting until ${timeText(hold.until)}, the end of the soak time`;
    case "window":
      return `waiting until ${timeText(hold.until)}, when the window is open long enough for a change and its rollback`;
    case "short-window":
      return `the window of wave ${hold.wave} is open for ${minutesText(hold.isOpenSeconds)}, and a change with its rollback takes ${minutesText(hold.neededSeconds)}; run: rollout cancel --reason TEXT, open the window for longer in the definition, and run: rollout start`;
    case "cool-down":
      return `waiting until ${timeText(hold.until)}, when an SPP has cooled down`;
    case "paused":
      return `paused: ${hold.reason}; run: rollout resume --reason TEXT`;
  }
}

function joinsText(joins: { seen: number; accepted: number } | undefined): string {
  if (joins === undefined) return "";
  const accepted = joins.accepted === 0 ? "start accepted none" : `start accepted ${joins.accepted}`;
  return `, because its joins cannot be undone: ${siteCount(joins.seen)} so far, and ${accepted} with --accept-joins`;
}

/** One line for each event that people want to read; none for ticks. A command that was refused had no effect. With the state after it. */
export function eventLine(event: RolloutEvent, state: RolloutState, refusal?: string): string | undefined {
  const time = timeText(event.at);
  if (event.type === "tick") return undefined;
  if (event.type === "started") return `${time} started by ${event.by}`;
  if (event.type !== "finished") {
    const site = "site" in event ? ` ${event.site}` : "";
    if (refusal !== undefined) return `${time} ${VERBS[event.type]}${site} by ${event.by} was refused: ${refusal}`;
    return `${time} ${event.type}${site} by ${event.by}: ${event.reason}`;
  }
  const { site, phase, result } = event;
  const seconds = Math.round((event.at - event.startedAt) / 1000);
  const text = result.message === undefined ? "" : `: ${messageNow(state, result.message)}`;
  return `${time} ${site}: ${phaseText(phase)} ${outcomeText(result.outcome)}${againText(event)} (${seconds} s)${text}`;
}

/** The words for a run that was not the first one at its site, and for a change that a crash interrupted and that was started again. */
export const againText = ({ attempt, starts = 0 }: Pick<FinishedRun, "attempt" | "starts">) =>
  `${attempt > 1 ? `, attempt ${attempt}` : ""}${starts > 1 ? `, started ${starts} times` : ""}`;

const ALWAYS_SHOWN: readonly SiteStatus[] = ["waiting", "running", "checked", "done", "failed"];

function waveTable({ waves }: RolloutSummary): string[] {
  // Most rollouts have none of the others, and with all columns the table is wider than a terminal.
  const isShown = (status: SiteStatus) => ALWAYS_SHOWN.includes(status) || waves.some((wave) => wave[status] > 0);
  const columns = ["sites", ...SITE_STATUSES.filter(isShown)] as const;
  const width = Math.max(4, ...waves.map(({ name }) => name.length));
  const row = (name: string, cells: readonly (string | number)[]) =>
    `${name.padEnd(width)}  ${cells.map((cell, n) => String(cell).padStart(columns[n]?.length ?? 0)).join("  ")}`;
  return [
    row("wave", columns),
    ...waves.map((wave) =>
      row(
        wave.name,
        columns.map((column) => wave[column]),
      ),
    ),
  ];
}

const DOING: Record<Phase, string> = { check: "checking", apply: "changing", verify: "verifying" };
