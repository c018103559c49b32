import type { RolloutRecord } from "../database/journal";
import { html, type Markup, page } from "../generated/markup";
import { STYLE } from "../generated/style";
import { replay } from "../machine/advance";
import type { MadeJoin, RolloutEvent } from "../machine/events";
import { type FinishedRun, type RolloutState, SITE_STATUSES, type SiteState, type SiteStatus } from "../machine/state";
import { foldTexts } from "../machine/survey";
import { awaitedId } from "./approval-id";
import { messageNow } from "./summary";
import { againText, holdText } from "./text";
import { frozenNames, outcomeText, phaseText, siteCount, timeText } from "./words";

/**
 * The report of a rollout as one HTML page that loads nothing and runs no script. It follows from plan and journal alone: the same
 * journal gives the same bytes, whenever and wherever it is made.
 */
export function rolloutPage({ id, plan }: RolloutRecord, events: readonly RolloutEvent[]): string {
  const state = replay(plan, events);
  const title = `Rollout ${id}`;
  const main = html`<h1>${title}: <span class="${COURSE_CLASS[state.status]}">${state.status}</span></h1>
<p class="faint">${courseText(state, events)}</p>
${state.status === "running" && state.hold ? html`<p><b>${holdText(state.hold, awaitedId(id, state))}</b></p>` : undefined}
${attention(state)}
${waveMap(state)}
${plan.waves.map((_, index) => waveSection(state, index))}
${plan.frozen.length > 0 ? html`<p>Frozen, never touched: ${frozenNames(plan.frozen, plan.frozenReasons).join(", ")}.</p>` : undefined}
${operators(state)}`;
  return page(title, [STYLE], main);
}

const COURSE_CLASS = { running: "warn", done: "pass", stopped: "fail", cancelled: "fail" } as const;
const STATUS_CLASS: Partial<Record<SiteStatus, string>> = {
  done: "pass",
  failed: "fail",
  unknown: "warn",
  unreachable: "warn",
};

function courseText({ startedAt, endedAt }: RolloutState, events: readonly RolloutEvent[]): string {
  const [first, last] = [events[0], events.at(-1)];
  if (first?.type !== "started" || !last) return "No worker has taken it yet.";
  const end = endedAt === undefined ? `Latest event on ${timeText(last.at)} UTC` : `Ended on ${timeText(endedAt)} UTC`;
  return `Started on ${timeText(startedAt)} UTC by ${first.by}. ${end}. ${events.length} events in its journal.`;
}

/** The sites that did not get what they should, and about which nobody has decided: each cause once with its sites, most sites first. */
function attention(state: RolloutState): Markup | undefined {
  const unsolved = [...state.unsolved].flatMap((name) => state.sites.get(name) ?? []);
  const messageOf = ({ runs }: SiteState) => messageNow(state, runs.at(-1)?.result.message ?? "");
  const causes = foldTexts(unsolved.map((one) => ({ site: one.site, text: `${one.status}: ${messageOf(one)}` })));
  const items = causes.map(({ sites, value }) => {
    const [name = ""] = sites;
    const site = state.sites.get(name);
    const result = site?.runs.at(-1)?.result;
    const isOne = sites.length === 1;
    const message = isOne && site ? messageOf(site) : value.slice(`${site?.status}: `.length);
    return html`<li class="${site?.status === "failed" ? "fail" : "warn"}"><b>${isOne ? name : `${siteCount(sites.length)}, ${sites.join(", ")}`}: ${site?.status}</b>
<p>${message}</p>
${result?.code === undefined || result.message?.includes(result.code) ? undefined : html`<p class="faint">${result.code}</p>`}
</li>
`;
  });
  return items.length > 0
    ? html`<h2>What to act on</h2>
<ol class="causes">${items}</ol>`
    : undefined;
}

function waveMap({ plan, sites }: RolloutState): Markup {
  const rows = plan.waves.map(({ name, sites: names }, wave) => {
    const statuses = names.map((site) => sites.get(site)?.status);
    const cells = SITE_STATUSES.map((status) => {
      const count = statuses.filter((one) => one === status).length;
      return html`<td class="${count > 0 ? (STATUS_CLASS[status] ?? "") : "faint none"}" data-label="${status}">${count}</td>`;
    });
    return html`<tr><th scope="row"><a href="#wave-${wave}">${name}</a></th><td data-label="sites">${names.length}</td>${cells}</tr>
`;
  });
  return html`<h2>Waves</h2>
<table class="counts">
<caption class="hidden">Sites of each wave by status</caption>
<thead><tr><th scope="col">wave</th><th scope="col">sites</th>${SITE_STATUSES.map((status) => html`<th scope="col">${status}</th>`)}</tr></thead>
<tbody>
${rows}</tbody>
</table>`;
}

function waveSection({ plan, sites }: RolloutState, wave: number): Markup {
  const rows = (plan.waves[wave]?.sites ?? []).flatMap((name) => {
    const site = sites.get(name);
    return site ? [siteRow(site)] : [];
  });
  return html`<h2 id="wave-${wave}">Wave ${wave + 1} of ${plan.waves.length}: ${plan.waves[wave]?.name}</h2>
<table class="runs">
<caption class="hidden">Sites of the wave</caption>
<thead><tr><th scope="col">site</th><th scope="col">SPP</th><th scope="col">status</th><th scope="col">runs</th></tr></thead>
<tbody>
${rows}</tbody>
</table>
`;
}

function siteRow({ site, status, runs }: SiteState): Markup {
  return html`<tr><th scope="row">${site.name}</th><td data-label="SPP">${site.spp}</td><td class="status ${STATUS_CLASS[status] ?? ""}">${status}</td><td>${runs.map(runLine)}</td></tr>
`;
}

function runLine(run: FinishedRun): Markup {
  const { phase, startedAt, finishedAt, worker, result } = run;
  const name = `${phaseText(phase)}${againText(run)}`;
  return html`<p>${timeText(startedAt)} ${name} ${outcomeText(result.outcome)} (${Math.round((finishedAt - startedAt) / 1000)} s)${result.message === undefined ? "" : `: ${result.message}`} <span class="faint">${worker}</span></p>${(result.joins ?? []).map(joinLine)}`;
}

function operators({ operatorEvents }: RolloutState): Markup | undefined {
  const items = operatorEvents.map(
    (
      event,
    ) => html`<li>${timeText(event.at)} ${event.type}${"site" in event ? ` ${event.site}` : ""} by ${event.by}: ${event.reason}</li>
`,
  );
  return items.length > 0
    ? html`<h2>Decisions</h2>
<ul>
${items}</ul>`
    : undefined;
}

const joinLine = ({ resource, spp, entry, at }: MadeJoin): Markup =>
  html`<p class="faint">joined by ${resource}: entry ${entry} of SPP ${spp}, made at ${at}</p>`;
