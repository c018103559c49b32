import { failureLine } from "../core/errors";
import { isOwnCommand } from "./checks/command";
import type { DiagnosisReport, SiteCheckReport, SiteReport } from "./report-schema";

/** How much is shown: `attention` folds what passes into a count, `all` shows each check. */
export type TextDetail = "attention" | "all";

/** The report as lines of text: for each site its causes, then its checks as a tree. */
export function diagnosisLines({ sites, shared }: DiagnosisReport, detail: TextDetail = "attention"): string[] {
  const titleOf = (id: string) => sites.flatMap(({ checks }) => checks).find((check) => check.id === id)?.title ?? id;
  const common = shared.map(
    ({ check, text, sites: names }) =>
      `${counted(names.length, "site")} (${names.join(", ")}): ${titleOf(check)}: ${text}`,
  );
  const heading = common.length > 0 ? ["the same cause in several sites:"] : [];
  return [...sites.flatMap((site) => siteLines(site, detail)), ...heading, ...common.map(indented)];
}

/** The report on one site. */
export function siteLines(report: SiteReport, detail: TextDetail = "attention"): string[] {
  const { site, status, causes, checks, milliseconds } = report;
  const first = causes.flatMap(({ check, explains }, index) => {
    const found = checks.find(({ id }) => id === check);
    if (!found) return [];
    const rest = explains.length > 0 ? [`   explains ${counted(explains.length, "other check")} below`] : [];
    const next = found.command !== undefined && isOwnCommand(check) ? [`   next: ${found.command}`] : [];
    return [`${index + 1}. ${sentence(found)}`, ...next, ...rest];
  });
  const totals = STATUSES.map((one) => `${checks.filter((check) => check.status === one).length} ${one}`).join(", ");
  return [
    `site ${site}: ${HEADLINE[status]}`,
    ...first.map(indented),
    ...treeLines(checks, detail).map(indented),
    `  ${totals} (${(milliseconds / 1000).toFixed(1)} s)`,
  ];
}

const STATUSES = ["pass", "warn", "fail", "not checked"] as const;

const HEADLINE = { fine: "works", warnings: "works, but needs attention", failed: "does not work" } as const;

const SHOWN = { pass: "pass", warn: "warn", fail: "FAIL", "not checked": "not checked" } as const;

const indented = (line: string) => `  ${line}`;

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** A cause in the form of an error message. */
function sentence({ code, object, title, text, remedy }: SiteCheckReport): string {
  const step = `check "${title}"`;
  if (code !== undefined)
    return failureLine({ code, object, step, cause: text, ...(remedy !== undefined && { remedy }) });
  return `${object}: ${step}: ${text}${remedy === undefined ? "" : `; ${remedy}`}`;
}

/** The checks below their level. */
function treeLines(checks: readonly SiteCheckReport[], detail: TextDetail): string[] {
  const width = Math.max(...checks.map(({ title }) => title.length));
  const titleOf = (id: string) => checks.find((check) => check.id === id)?.title ?? id;
  const levels = [...new Set(checks.map(({ level }) => level))];
  return levels.flatMap((level) => {
    const own = checks.filter((check) => check.level === level);
    const passed = own.filter(({ status }) => status === "pass").length;
    const rows = own.filter(({ status }) => detail === "all" || status !== "pass");
    return [
      `${level}: ${passed} of ${own.length} pass`,
      ...rows.map(({ status, title, text, because }) => {
        const shown = because === undefined ? text : `because this failed: ${titleOf(because)}`;
        return `  ${SHOWN[status].padEnd(11)}  ${title.padEnd(width)}  ${shown}`;
      }),
    ];
  });
}
