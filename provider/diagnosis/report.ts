import { printableLine } from "../core/printable";
import { quoteWord } from "../core/shell-word";
import { findingsOf } from "./checks";
import { commandFor, kindOf } from "./checks/command";
import { causesAmong, type ExplainedFinding, explain } from "./graph/finding";
import type { DiagnosisReport, SiteCheckReport, SiteReport } from "./report-schema";
import type { SiteFacts } from "./site/facts";
import { topologyOf } from "./topology/topology";

/** Limit of one text of a report, in characters. */
const MAX_TEXT_CHARACTERS = 2000;

/** The report on one site. Pure. */
export function siteReport(site: string, facts: SiteFacts, milliseconds: number): SiteReport {
  const explained = explain(findingsOf(facts));
  const causes = causesAmong(explained);
  const isFailed = causes.some(({ outcome }) => outcome.status === "fail");
  return {
    site,
    status: isFailed ? "failed" : causes.length > 0 ? "warnings" : "fine",
    causes: causes.map(({ id }) => ({
      check: id,
      explains: explained.filter(({ because }) => because === id).map((other) => other.id),
    })),
    checks: explained.map((finding) => checkReport(finding, site)),
    topology: topologyOf(site, facts),
    milliseconds,
  };
}

function checkReport(
  { id, title, level, object, outcome, because, isUnsupported }: ExplainedFinding,
  site: string,
): SiteCheckReport {
  const { text, remedy, code } = outcome;
  // Nothing is planned outside of a program.
  const status = outcome.status === "planned" ? "not checked" : outcome.status;
  return {
    ...{ id, title, level, object, status, text: line(text) },
    ...(isUnsupported && status === "not checked" && { unsupported: true as const }),
    ...(remedy !== undefined && { remedy: line(remedy) }),
    ...(code !== undefined && { code }),
    page: code === undefined ? `docs/checks/README.md#${kindOf(id)}` : `docs/errors/${code}.md`,
    ...(because === undefined &&
      ["fail", "warn"].includes(status) && { command: commandFor(id, `--site ${quoteWord(site)}`) }),
    ...(because !== undefined && { because }),
  };
}

/** The reports of all sites, with the causes that several of them share. Pure. */
export function diagnosisOf(sites: readonly SiteReport[]): DiagnosisReport {
  const shared = new Map<string, DiagnosisReport["shared"][number]>();
  for (const { site, causes, checks } of sites) {
    for (const cause of causes) {
      const text = checks.find(({ id }) => id === cause.check)?.text ?? "";
      const key = JSON.stringify([cause.check, text]);
      const entry = shared.get(key) ?? { check: cause.check, text, sites: [] };
      shared.set(key, { ...entry, sites: [...entry.sites, site] });
    }
  }
  return { sites: [...sites], shared: [...shared.values()].filter((one) => one.sites.length > 1) };
}

const line = (text: string) => printableLine(text, MAX_TEXT_CHARACTERS);
