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
  /** What of the stack was not examined, in words. */
  leftOut?: string[];
}

interface DoctorCheck {
  id: string;
  title: string;
  level: string;
  object: string;
  status: "pass" | "warn" | "fail" | "not checked";
  text: string;
  /** True where the platform of the router gives no way to examine it. */
  unsupported?: true;
  remedy?: string;
  code?: string;
  /** Id of the check that explains why this one fails or was not possible. */
  because?: string;
}

/** What a gate makes of a diagnosis. Warnings pass; what was not examined is not known, and neither is a site without traffic. Pure. */
export function verdictOf({ sites, leftOut = [] }: DoctorReport, { doctor, trafficSeconds }: Gates): SiteResult {
  if (sites.length === 0) return notKnown("doctor found no site in the stack; run pulumi up for it");
  const checks = sites.flatMap((site) => site.checks);
  const traffic = checks.filter(({ id }) => id.startsWith("traffic:"));
  const causes = new Set(sites.flatMap((site) => site.causes.map(({ check }) => check)));
  // Without its rules, or while it bypasses SPS, no new session of a redirection goes to SPS, whatever SPS shows.
  const ofTraffic = checks.filter(({ id }) => /^(traffic|router-rules|router-bypass):/.test(id));
  const failed = (doctor ? checks : ofTraffic).filter(({ status }) => status === "fail");
  // The first cause; other failures follow from it.
  const [cause = failed[0]] = failed.filter(({ id }) => causes.has(id));
  if (cause)
    return { outcome: outcomeOf(cause.code), message: textOf(cause), ...(cause.code ? { code: cause.code } : {}) };
  const [ignored] = leftOut;
  if (ignored !== undefined) return notKnown(`doctor left out ${ignored}; make it depend on the join of its site`);
  const gap = doctor ? gapIn(checks) : undefined;
  if (gap !== undefined) return notKnown(gap);
  const seen: string[] = [];
  if (trafficSeconds !== undefined) {
    // Packets prove the way to SPS, and new sessions at SPS that clients use it since the change. A router that counts none leaves it to SPS.
    const sessions = sites.map(({ site, checks: own }) => own.find(({ id }) => id === NEW_SESSIONS) ?? unwatched(site));
    if (traffic.length === 0) return unknown("the site has no redirection, so that no traffic can be seen");
    // What follows from another fault is not the platform's way.
    const isUnseen = ({ status, unsupported, because }: Seen) =>
      status !== "pass" && !(unsupported && because === undefined);
    const wanted: Seen[] = [...traffic, ...sessions];
    const unseen = wanted.find(isUnseen);
    if (unseen?.status === "warn") return notKnown(textOf(unseen));
    if (unseen) return unknown(`${unseen.title}: ${unseen.text}`);
    const passed = wanted.filter(({ status }) => status === "pass");
    seen.push(`traffic: ${passed.map(({ text }) => text).join(", ")}`);
  }
  const warnings = checks.filter(({ status }) => status === "warn").length;
  const hidden = checks.find(({ level, unsupported }) => unsupported && level !== "traffic");
  const healthy = doctor
    ? [
        warnings === 0 ? "healthy" : `healthy, ${warnings} ${warnings === 1 ? "warning" : "warnings"}`,
        ...(hidden ? [`not examined: ${hidden.title}, because ${hidden.text}`] : []),
      ]
    : [];
  return { outcome: "done", message: [...healthy, ...seen].join("; ") };
}

const NEW_SESSIONS = "sps-new-sessions";

type Seen = Pick<DoctorCheck, "object" | "title" | "text" | "status" | "unsupported" | "because" | "remedy" | "code">;

/** Stands for the check that a report does not have. */
const unwatched = (site: string): Seen => ({
  object: site,
  title: "new sessions pass SPS",
  text: "doctor did not look for them",
  status: "not checked",
});

/** Why the state of a site is not known, with the remedy; undefined when everything that a healthy site needs was examined. */
function gapIn(checks: readonly DoctorCheck[]): string | undefined {
  if (!checks.some(({ status }) => status === "pass")) return "doctor could examine nothing; run it by hand";
  const open = checks.filter((check) => check.status === "not checked" && isRequired(check));
  const [first] = open;
  if (first === undefined) return undefined;
  const root = checks.find(({ id }) => id === first.because) ?? first;
  return `${open.length} ${open.length === 1 ? "check was" : "checks were"} not possible: ${textOf(root)}`;
}

/**
 * Some versions of the appliances do not report all that the first level examines; its other gaps follow from a slow appliance. What a
 * platform never shows would hold its sites for ever; the message tells it.
 */
function isRequired({ level, because, unsupported }: DoctorCheck): boolean {
  return !unsupported && level !== "traffic" && (level !== "appliances" || because !== undefined);
}

const notKnown = (why: string): SiteResult => ({
  outcome: "unknown",
  message: `not known whether it is healthy: ${why}; then retry the site`,
});

const unknown = (what: string): SiteResult => ({
  outcome: "unknown",
  message: `no traffic seen: ${what}; let a client connect, then retry the site`,
});

function textOf({ object, title, text, remedy, code }: Seen): string {
  return `${object}: ${title}: ${text}${remedy ? `; ${remedy}` : ""}${code ? ` [${code}]` : ""}`;
}
