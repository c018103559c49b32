import type { RolloutEvent } from "../machine/events";
import type { Hold } from "../machine/state";
import type { RolloutSummary } from "./summary";

/** Sites that are listed by name; of more, the JSON form has all. */
const LISTED = 20;

/** The lines of `status`: what the rollout does, what it waits for, its waves, and the sites that need attention. */
export function statusLines(summary: RolloutSummary): string[] {
  const { id, status, wave, hold, spps, frozen, startedAt, endedAt } = summary;
  const course =
    status === "running"
      ? `running since ${timeText(startedAt)}, wave ${wave.number} of ${wave.of} (${wave.name}), ${wave.phase === "check" ? "checking" : "changing"} sites`
      : `${status} at ${timeText(endedAt ?? startedAt)}, started at ${timeText(startedAt)}`;
  const attention = summary.sites.filter((site) => ["failed", "unknown", "unreachable"].includes(site.status));
  return [
    `rollout ${id}: ${course}`,
    ...(hold && status === "running" ? [`  ${holdText(hold)}`] : []),
    "",
    ...waveTable(summary),
    ...spps.map(({ spp, site, waiting }) => `spp ${spp}: changing ${site}, ${siteCount(waiting)} waiting`),
    ...attention
      .slice(0, LISTED)
      .map(
        (site) => `${site.name}: ${site.status} in ${phaseText(site.phase)}, attempt ${site.attempt}: ${site.message}`,
      ),
    ...(attention.length > LISTED ? [`… and ${attention.length - LISTED} more; status --json lists all`] : []),
    ...(frozen.length > 0 ? [`frozen, never touched: ${listText(frozen)}`] : []),
  ];
}

/** What a rollout waits for, with the command that lets it go on. */
export function holdText(hold: Hold): string {
  switch (hold.kind) {
    case "approval":
      return `waiting for approval of wave ${hold.wave}; run: rollout approve --reason TEXT`;
    case "changed":
      return `waiting for approval, because program or definition changed to ${hold.fingerprint}; run: rollout approve --reason TEXT`;
    case "failures":
      return `held by failures at ${listText(hold.sites)}; run: rollout retry SITE or rollout skip SITE, with --reason TEXT`;
    case "soak":
      return `waiting until ${timeText(hold.until)}, the end of the soak time`;
    case "window":
      return `waiting until ${timeText(hold.until)}, when the window opens`;
    case "paused":
      return `paused: ${hold.reason}; run: rollout resume --reason TEXT`;
  }
}

/** One line for each event that people want to read; none for ticks. */
export function eventLine(event: RolloutEvent): string | undefined {
  const time = timeText(event.at);
  if (event.type === "tick") return undefined;
  if (event.type === "started") return `${time} started by ${event.by}`;
  if (event.type !== "finished") {
    const site = "site" in event ? ` ${event.site}` : "";
    return `${time} ${event.type}${site} by ${event.by}: ${event.reason}`;
  }
  const { site, phase, attempt, result } = event;
  const seconds = Math.round((event.at - event.startedAt) / 1000);
  const again = attempt > 1 ? `, attempt ${attempt}` : "";
  const text = result.message === undefined ? "" : `: ${result.message}`;
  return `${time} ${site}: ${phaseText(phase)} ${result.outcome}${again} (${seconds} s)${text}`;
}

function waveTable({ waves }: RolloutSummary): string[] {
  const columns = [
    "sites",
    "waiting",
    "running",
    "checked",
    "done",
    "failed",
    "unknown",
    "unreachable",
    "skipped",
  ] as const;
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

const phaseText = (phase: "check" | "apply") => (phase === "check" ? "check" : "change");
/** For example `1 site` or `12 sites`. */
export const siteCount = (count: number) => `${count} ${count === 1 ? "site" : "sites"}`;
/** A time to the second, in UTC. */
export const timeText = (time: string | number) => new Date(time).toISOString().slice(0, 19).replace("T", " ");

/** The first names of a list, and how many more there are. */
export function listText(names: readonly string[]): string {
  const more = names.length > 5 ? ` and ${names.length - 5} more` : "";
  return names.slice(0, 5).join(", ") + more;
}
