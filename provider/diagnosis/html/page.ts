import { entryOf } from "../../core/errors";
import { LEVELS } from "../graph/finding";
import { topologyPicture } from "../picture/svg";
import type { DiagnosisReport, SiteCheckReport, SiteReport } from "../report-schema";
import { htmlDocument, type PageOrigin, sitesTitle } from "./document";
import { html, Markup } from "./markup";

/** The report as one HTML page that loads nothing and runs no script. */
export function diagnosisPage(report: DiagnosisReport, origin: PageOrigin): string {
  return htmlDocument(`${sitesTitle(report.sites)}: diagnosis`, origin, [
    report.sites.length > 1 ? overview(report) : undefined,
    ...report.sites.map((site, index) => siteSection(site, index, report.sites.length === 1)),
  ]);
}

const RESULT = { fine: "works", warnings: "works, but needs attention", failed: "does not work" } as const;
const RESULT_CLASS = { fine: "pass", warnings: "warn", failed: "fail" } as const;

function overview({ sites, shared }: DiagnosisReport): Markup {
  const rows = sites.map(({ site, status, causes, checks }, index) => {
    const first = checks.find(({ id }) => id === causes[0]?.check);
    return html`<tr><th scope="row"><a href="#site-${index}">${site}</a></th><td class="status ${RESULT_CLASS[status]}">${RESULT[status]}</td><td>${first ? named(first.title, first.text) : ""}</td></tr>
`;
  });
  const common = shared.map(
    ({
      check,
      text,
      sites: names,
    }) => html`<li><b>${names.length} sites</b> (${names.join(", ")}): ${named(titleIn(sites, check), text)}</li>
`,
  );
  return html`<table class="sites">
<caption>Sites</caption>
<thead><tr><th scope="col">site</th><th scope="col">result</th><th scope="col">first cause</th></tr></thead>
<tbody>
${rows}</tbody>
</table>
${common.length > 0 ? html`<h2>The same cause in several sites</h2><ul>${common}</ul>` : undefined}`;
}

function titleIn(sites: readonly SiteReport[], id: string): string {
  return sites.flatMap(({ checks }) => checks).find((check) => check.id === id)?.title ?? id;
}

function siteSection(
  { site, status, causes, checks, topology, milliseconds }: SiteReport,
  index: number,
  isOnly: boolean,
): Markup {
  const find = (id: string) => checks.find((check) => check.id === id);
  const items = causes.map(({ check, explains }) =>
    causeItem(
      find(check),
      explains.map((id) => find(id)?.title ?? id),
    ),
  );
  const levels = LEVELS.filter((level) => checks.some((check) => check.level === level));
  return html`<section aria-labelledby="site-${index}">
<h2 id="site-${index}">${site}: <span class="${RESULT_CLASS[status]}">${RESULT[status]}</span></h2>
${items.length > 0 ? html`<h3>What to act on, first things first</h3><ol class="causes">${items}</ol>` : undefined}
<h3>topology</h3>
<details${isOnly ? new Markup(" open") : undefined}><summary>SPP, the join, the SPS cluster and its routers</summary>
${topologyPicture(topology, `topology-${index}`)}</details>
${levels.map((level) => levelSection(level, checks, find))}
<p class="faint">Examined within ${(milliseconds / 1000).toFixed(1)} s.</p>
</section>
`;
}

function causeItem(check: SiteCheckReport | undefined, explained: readonly string[]): Markup | undefined {
  if (!check) return undefined;
  const { status, object, title, text, remedy, command, code, page } = check;
  return html`<li class="${status}"><b>${text}</b>
<p class="faint">${object}, check “${title}”</p>
${remedy === undefined ? undefined : html`<p><b>What to do:</b> ${remedy}</p>`}
${command === undefined ? undefined : html`<p><b>What to type next:</b> <code>${command}</code></p>`}
<p class="faint">${code === undefined ? undefined : `${code}: ${entryOf(code).title}; `}<code>${page}</code></p>
${explained.length > 0 ? html`<p class="faint">Explains: ${explained.join("; ")}.</p>` : undefined}
</li>
`;
}

/** A title says what is true when the check passes, so it is marked as one. */
const named = (title: string, text: string) => `check “${title}”: ${text}`;

type Find = (id: string) => SiteCheckReport | undefined;

/** The checks of a level; those that a cause explains and those that pass are folded, and a print leaves them so. */
function levelSection(level: string, checks: readonly SiteCheckReport[], find: Find): Markup {
  const own = checks.filter((check) => check.level === level);
  const passed = own.filter(({ status }) => status === "pass");
  const explained = own.filter(({ because }) => because !== undefined);
  const others = own.filter((check) => !passed.includes(check) && !explained.includes(check));
  return html`<h3>${level}</h3>
${others.length > 0 ? checkTable(`${level}: what does not pass`, others, find) : undefined}
${folded("unchecked", `${explained.length} of ${own.length} explained by a failed check`, `${level}: what is explained`, explained, find)}
${folded("pass", `${passed.length} of ${own.length} pass`, `${level}: what passes`, passed, find)}
`;
}

function folded(
  tone: string,
  summary: string,
  caption: string,
  checks: readonly SiteCheckReport[],
  find: Find,
): Markup | undefined {
  if (checks.length === 0) return undefined;
  return html`<details><summary class="${tone}">${summary}</summary>
${checkTable(caption, checks, find)}</details>`;
}

function checkTable(caption: string, checks: readonly SiteCheckReport[], find: Find): Markup {
  const rows = checks.map(({ status, title, text, because }) => {
    const shown = because === undefined ? text : `because this failed: ${find(because)?.title ?? because}`;
    return html`<tr><td class="status ${status === "not checked" ? "unchecked" : status}">${status}</td><td>${title}</td><td>${shown}</td></tr>
`;
  });
  return html`<table class="checks">
<caption class="hidden">${caption}</caption>
<thead><tr><th scope="col">result</th><th scope="col">check</th><th scope="col">finding</th></tr></thead>
<tbody>
${rows}</tbody>
</table>
`;
}
