import { setTimeout as pause } from "node:timers/promises";
import { preflight } from "../../provider/join/preflight/preflight";
import { type CheckReport, failures, type PreflightReport } from "../../provider/join/preflight/report";
import type { Cause } from "./causes/cause";
import type { HealthyLab } from "./healthy-labs";
import { LabPair } from "./lab-pair";

/** Brings the lab to a cause and lets the preflight look. `shared` is a healthy pair for causes that leave no trace. */
export async function runCause(cause: Cause, shared: LabPair): Promise<PreflightReport> {
  const pair = cause.options ? await LabPair.start(cause.options) : shared;
  try {
    if (cause.fault) pair.bench.faults.on(cause.fault);
    const changes = await cause.arrange?.(pair);
    return await preflight({ ...pair.order(), ...changes });
  } finally {
    pair.bench.faults.clear();
    if (cause.endSeconds) await pause(cause.endSeconds * 1000);
    if (pair !== shared) await pair.stop();
  }
}

/** The reasons with which a preview refuses the join. */
export function reasonsOf(report: PreflightReport): string[] {
  return failures(report).map(({ reason }) => reason);
}

/** Whether the check that must find the cause found it. */
export function isFound(cause: Cause, report: PreflightReport): boolean {
  return report.checks.some(({ id, status }) => id === cause.check && status === cause.status);
}

/** Starts a lab with which nothing is wrong and lets the preflight look. */
export async function runHealthyLab(lab: HealthyLab): Promise<PreflightReport> {
  const pair = await LabPair.start(lab.options);
  try {
    const changes = await lab.arrange?.(pair);
    return await preflight({ ...pair.order(), ...changes });
  } finally {
    await pair.stop();
  }
}

/** Failures and warnings that are not due, each in one line. */
export function alarmsOf(checks: readonly CheckReport[], dueWarnings: readonly string[] = []): string[] {
  return checks
    .filter(({ id, status }) => status === "fail" || (status === "warn" && !dueWarnings.includes(id)))
    .map(({ id, status, text }) => `${id}: ${status}: ${text}`);
}
