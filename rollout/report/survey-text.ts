import { countsText } from "../machine/changes";
import { foldSurvey, type Shared, type SurveyedSite } from "../machine/survey";
import { frozenNames, listText, siteCount } from "./words";

/** Words of a report that differ between `preview` and `refresh`. */
const WORDS = {
  preview: { changes: "Changes", changed: "to change" },
  refresh: { changes: "Drift", changed: "drifted" },
} as const;

const ABSENT = "not rolled out yet";

export type SurveyKind = keyof typeof WORDS;

/** The line of one site, as soon as it is read. */
export function surveyLine(kind: SurveyKind, { site, outcome, isNew, changes, messages }: SurveyedSite): string {
  if (outcome === "absent") return `${site.name}: ${ABSENT}`;
  if (outcome !== "done") return `${site.name}: ${outcome}: ${messages[0]}`;
  const text = changes.length === 0 && kind === "refresh" ? "no drift" : countsText(changes);
  return `${site.name}: ${text}${isNew ? " (new stack)" : ""}`;
}

/** The report about all sites: failures first, each cause once with its sites, then identical changes once with their sites. */
export function surveyLines(
  kind: SurveyKind,
  name: string,
  surveyed: readonly SurveyedSite[],
  frozen: readonly string[],
  frozenReasons: Readonly<Record<string, string>> = {},
): string[] {
  const { causes, changes, unchanged, absent } = foldSurvey(surveyed);
  const count = (outcome: SurveyedSite["outcome"]) => surveyed.filter((one) => one.outcome === outcome).length;
  const changing = changes.reduce((sum, { sites }) => sum + sites.length, 0);
  const kinds = (["failed", "unknown", "unreachable"] as const).filter((outcome) => count(outcome) > 0);
  const parts = [
    `${changing} ${WORDS[kind].changed}`,
    `${unchanged.length} unchanged`,
    ...(absent.length > 0 ? [`${absent.length} ${ABSENT}`] : []),
    ...kinds.map((outcome) => `${count(outcome)} ${outcome}`),
    ...(frozen.length > 0 ? [`${frozen.length} frozen`] : []),
  ];
  return [
    ...section("Failures", causes, (cause) => [cause]),
    ...section(WORDS[kind].changes, changes, (lines) => lines),
    ...(absent.length > 0 ? [`${ABSENT}: ${listText(absent)}`, ""] : []),
    ...(frozen.length > 0 ? [`frozen, never touched: ${listText(frozenNames(frozen, frozenReasons))}`, ""] : []),
    `${kind} of ${name}: ${siteCount(surveyed.length + frozen.length)}, ${parts.join(", ")}; nothing was changed`,
  ];
}

/** The report as JSON: every site, and what is the same at several. */
export function surveyJson(name: string, surveyed: readonly SurveyedSite[], frozen: readonly string[]): object {
  const { causes, changes, unchanged, absent } = foldSurvey(surveyed);
  return {
    name,
    sites: surveyed.map(({ site: { name: site, stack, spp }, ...found }) => ({ site, stack, spp, ...found })),
    frozen,
    unchanged,
    absent,
    changes: changes.map(({ sites, value }) => ({ sites, changes: value })),
    causes: causes.map(({ sites, value }) => ({ sites, text: value })),
  };
}

function section<T>(title: string, rows: readonly Shared<T>[], linesOf: (value: T) => string[]): string[] {
  if (rows.length === 0) return [];
  const body = rows.flatMap(({ sites, value }) => {
    const where = `${siteCount(sites.length)}: ${listText(sites)}`;
    return [where, ...linesOf(value).map((line) => `  ${line}`)].map((line) => `  ${line}`);
  });
  return [title, ...body, ""];
}
