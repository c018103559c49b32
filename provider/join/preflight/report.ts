import { failureLine } from "../../core/errors";
import { printableLine } from "../../core/printable";
import type { InputFailure } from "../../core/validate";
import type { Check, Outcome } from "./check";
import { consequencesOf, entryOf, isPromotionDue } from "./consequences";
import type { Facts } from "./facts";
import type { CheckReport, PreflightReport } from "./report-schema";

export type { CheckReport, PreflightReport };

const ORDER = ["fail", "warn", "not checked", "planned", "pass"] as const;

/** Runs checks on facts. Pure. */
export function runChecks(checks: readonly Check[], facts: Facts): CheckReport[] {
  const isRequestDue = !entryOf(facts)?.row.isConnected || consequencesOf(facts).isRejoinDue;
  const isPlanned = isPromotionDue(facts);
  return checks.map(({ id, title, source, isForRequest, run, runBeforePromotion }) => {
    const outcome = isPlanned ? runBeforePromotion?.(facts, facts.promotion?.nodes) : undefined;
    const { status, text, remedy, path, code } = outcome ?? run(facts);
    return {
      id,
      title,
      status: status === "fail" && isForRequest && !isRequestDue ? "warn" : status,
      text: cell(text),
      ...(remedy === undefined ? {} : { remedy: cell(remedy) }),
      ...(path === undefined ? {} : { path }),
      ...(code ? { code } : {}),
      source,
    };
  });
}

/**
 * The report as text: failures and warnings first, in columns, the totals in the last line. Skipped checks with the same reason share a
 * line.
 */
export function lines(report: PreflightReport): string[] {
  const rows = [
    ...ORDER.flatMap((status) => rowsOf(report.checks.filter((check) => check.status === status))),
    ...report.notes.map(({ title, text }) => ({ status: "note" as const, title, text: cell(text) })),
  ];
  const titleWidth = Math.max(...rows.map(({ title }) => title.length));
  const statusWidth = Math.max(...ORDER.map((status) => status.length));
  const shownRows = rows.map(
    ({ status, title, text }) => `${shown(status).padEnd(statusWidth)}  ${title.padEnd(titleWidth)}  ${text}`,
  );
  return [...shownRows, `preflight: ${totalsOf(report)}`];
}

/** The report in one line: how many checks pass, and how many do not. */
export function resultLine({ checks }: PreflightReport): string {
  const count = (status: CheckReport["status"]) => checks.filter((check) => check.status === status).length;
  const parts: [number, string][] = [
    [count("planned"), "after the promotion"],
    [count("warn"), count("warn") === 1 ? "warns" : "warn"],
    [count("fail"), count("fail") === 1 ? "fails" : "fail"],
    [count("not checked"), "cannot be checked"],
  ];
  const others = parts.filter(([number]) => number > 0).map(([number, text]) => `${number} ${text}`);
  return [`${count("pass")} of ${checks.length} checks pass`, ...others].join(", ");
}

/** What needs attention, one line each: warnings, and failures that stop nothing. */
export function attentionLines({ checks }: PreflightReport, statuses: readonly CheckReport["status"][]): string[] {
  return checks.filter(({ status }) => statuses.includes(status)).map((check) => `${named(check)}: ${sentence(check)}`);
}

/** The report of the preflight right before the join: failures and totals. */
export function briefLines(report: PreflightReport): string[] {
  const failed = report.checks.filter((check) => check.status === "fail");
  return [
    ...failed.map((check) => `FAIL  ${check.title}  ${sentence(check)}`),
    `preflight repeated: ${totalsOf(report)}`,
  ];
}

function totalsOf(report: PreflightReport): string {
  const totals = (["pass", "warn", "fail", "planned", "not checked"] as const).flatMap((status) => {
    const count = report.checks.filter((check) => check.status === status).length;
    return count === 0 && status === "planned" ? [] : [`${count} ${status}`];
  });
  return `${totals.join(", ")} (${(report.milliseconds / 1000).toFixed(1)} s)`;
}

/** From this number on, skipped checks with the same reason share a line. */
const SHARED = 3;

function rowsOf(checks: readonly CheckReport[]): { status: Outcome["status"]; title: string; text: string }[] {
  const sameAs = (check: CheckReport) => checks.filter(({ text }) => text === check.text);
  return checks.flatMap((check) => {
    const same = sameAs(check);
    if (check.status !== "not checked" || same.length < SHARED) return [{ ...check, text: sentence(check) }];
    const titles = same.map(({ title }) => title).join(", ");
    return same[0] === check ? [{ ...check, title: `${same.length} checks`, text: `${check.text}: ${titles}` }] : [];
  });
}

/** One reason per failure, starting with its property, for example `spp.address: …`. */
export function failures(report: PreflightReport): InputFailure[] {
  return report.checks
    .filter((check) => check.status === "fail")
    .map((check) => {
      const { path = "" } = check;
      const { code, text, remedy } = check;
      const object = path === "" ? "preflight" : path;
      const isWhole = code !== undefined && remedy !== undefined;
      const reason = isWhole
        ? failureLine({ code, object, step: named(check), cause: text, remedy })
        : `${object}: ${named(check)}: ${sentence(check)}`;
      return { path, reason, ...(code !== undefined && { code }) };
    });
}

/** A title says what is true when the check passes, so a message marks it as such. */
const named = ({ title }: Pick<CheckReport, "title">) => `check "${title}"`;

function sentence({ status, text, remedy, code }: CheckReport): string {
  if (["pass", "planned", "not checked"].includes(status)) return text;
  return `${text}${remedy ? `; ${remedy}` : ""}${code ? ` [${code}]` : ""}`;
}

/** Limit of one text of a report, in characters. */
const MAX_CELL_CHARACTERS = 4000;

const cell = (text: string) => printableLine(text, MAX_CELL_CHARACTERS);

const shown = (status: Outcome["status"] | "note") => (status === "fail" ? "FAIL" : status);
