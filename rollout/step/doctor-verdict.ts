import type { SiteResult } from "../machine/events";
import type { Gates } from "../plan/plan";
import { outcomeOf } from "./result";

/** The part of the report of `doctor --json` that a gate reads. */
export interface DoctorReport {
  sites: {
    site: string;
    causes: { check: string }[];
    checks: DoctorCheck[];
  }[];
}

interface DoctorCheck {
  id: string;
  title: string;
  level: string;
  object: string;
  status: "pass" | "warn" | "fail" | "not checked";
  text: string;
  remedy?: string;
  code?: string;
}

/** What a gate makes of a diagnosis. Warnings pass; without traffic, a gate that asks for it knows nothing. Pure. */
export function verdictOf({ sites }: DoctorReport, { doctor, trafficSeconds }: Gates): SiteResult {
  const checks = sites.flatMap((site) => site.checks);
  const traffic = checks.filter(({ level }) => level === "traffic");
  const causes = new Set(sites.flatMap((site) => site.causes.map(({ check }) => check)));
  const failed = (doctor ? checks : traffic).filter(({ status }) => status === "fail");
  // The first cause; other failures follow from it.
  const [cause = failed[0]] = failed.filter(({ id }) => causes.has(id));
  if (cause)
    return { outcome: outcomeOf(cause.code), message: textOf(cause), ...(cause.code ? { code: cause.code } : {}) };
  if (trafficSeconds !== undefined) {
    const unseen = traffic.find(({ status }) => status !== "pass");
    if (traffic.length === 0) return unknown("the site has no redirection, so that no traffic can be seen");
    if (unseen) return unknown(`${unseen.title}: ${unseen.text}`);
  }
  const warnings = checks.filter(({ status }) => status === "warn").length;
  const seen = trafficSeconds === undefined ? [] : [`traffic: ${traffic.map(({ text }) => text).join(", ")}`];
  const healthy = doctor
    ? [warnings === 0 ? "healthy" : `healthy, ${warnings} ${warnings === 1 ? "warning" : "warnings"}`]
    : [];
  return { outcome: "done", message: [...healthy, ...seen].join("; ") };
}

const unknown = (what: string): SiteResult => ({
  outcome: "unknown",
  message: `no traffic seen: ${what}; let a client connect, then retry the site`,
});

function textOf({ object, title, text, remedy, code }: DoctorCheck): string {
  return `${object}: ${title}: ${text}${remedy ? `; ${remedy}` : ""}${code ? ` [${code}]` : ""}`;
}
