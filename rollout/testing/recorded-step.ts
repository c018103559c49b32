import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { SiteStep } from "../engine/workflows";
import type { Phase, SiteResult } from "../machine/events";

/** One line of the record: a run that began or ended at a site. */
export interface RecordedRun {
  what: "begin" | "end";
  site: string;
  spp: string;
  phase: Phase;
  pid: number;
  at: number;
}

/** While this file is beside a record, changes that succeed do not end. */
export const holdFile = (record: string) => `${record}.hold`;

/** A step that stands in for Pulumi: it takes its time, fails at once, and records when it begins and ends. */
export function recordedStep(
  file: string,
  milliseconds: number,
  resultOf: (site: string, phase: Phase) => SiteResult,
): SiteStep {
  return async ({ site, phase, mayStart }) => {
    const record = (what: RecordedRun["what"]) => {
      const run: RecordedRun = { what, site: site.name, spp: site.spp, phase, pid: process.pid, at: Date.now() };
      appendFileSync(file, `${JSON.stringify(run)}\n`);
    };
    const refusal = phase === "apply" ? await mayStart() : undefined;
    if (refusal !== undefined) return { outcome: "deferred", message: refusal };
    record("begin");
    const result = resultOf(site.name, phase);
    if (milliseconds > 0 && result.outcome === "done") await sleep(milliseconds);
    while (phase === "apply" && result.outcome === "done" && existsSync(holdFile(file))) await sleep(20);
    record("end");
    return result;
  };
}

export function recordedRuns(file: string): RecordedRun[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n").filter(Boolean);
  return lines.map((line) => JSON.parse(line));
}

/** The most changes that one SPP had in work at a time. A process that was killed has nothing in work after its last line. */
export function mostChangesPerSpp(runs: readonly RecordedRun[]): number {
  let most = 0;
  const inWork = new Map<string, Map<string, number>>();
  for (const { what, site, spp, phase, pid } of runs) {
    if (phase !== "apply") continue;
    const sites = inWork.get(spp) ?? new Map<string, number>();
    inWork.set(spp, sites);
    if (what === "end") sites.delete(site);
    // The same site again: its process was killed.
    else sites.set(site, pid);
    most = Math.max(most, sites.size);
  }
  return most;
}
