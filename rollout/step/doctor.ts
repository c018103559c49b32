import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { SiteResult } from "../machine/events";
import type { Gates, PlannedSite } from "../plan/plan";
import { type DoctorReport, verdictOf } from "./doctor-verdict";
import type { Redactor } from "./redact";
import { failureLines } from "./result";
import { runProgram } from "./run-program";

const PACKAGE = "pulumi-safeguard";
/** A diagnosis has its own limits per appliance and router, which together stay far below this. */
const LIMIT_MS = 30 * 60_000;

/** Examines a site with `pulumi-safeguard doctor`, as its wave asks for. Changes nothing. Never throws. */
export async function verifySite(
  site: PlannedSite,
  programFolder: string,
  gates: Gates,
  redact: Redactor,
  signal: AbortSignal,
): Promise<SiteResult> {
  const report = await doctorReport(site, programFolder, gates, signal);
  if ("fault" in report) return { outcome: "unknown", message: redact(`site ${site.name}: doctor: ${report.fault}`) };
  const verdict = verdictOf(report, gates);
  return { ...verdict, message: redact(verdict.message ?? "") };
}

async function doctorReport(
  { stack }: PlannedSite,
  programFolder: string,
  { trafficSeconds }: Gates,
  signal: AbortSignal,
): Promise<DoctorReport | { fault: string }> {
  const command = commandIn(programFolder);
  if (command === undefined)
    return {
      fault: `the program does not have the package ${PACKAGE}; run npm install ${PACKAGE} in ${programFolder}`,
    };
  const traffic =
    trafficSeconds === undefined
      ? []
      : ["--traffic-seconds", `${trafficSeconds}`, "--session-seconds", `${trafficSeconds}`];
  const args = [command, "doctor", "--json", "--stack", stack, ...traffic];
  const options = { cwd: programFolder, env: process.env, binding: "detached", signal, limitMs: LIMIT_MS } as const;
  // It ends with 1 and 2 when it found something; the report tells what.
  const { stdout, stderr } = await runProgram(process.execPath, args, options).catch((error: Error) => ({
    stdout: "",
    stderr: error.message,
  }));
  return (
    reportIn(stdout) ?? {
      fault: `it gave no report: ${whyNone(stdout, stderr)}; run it by hand for the stack ${stack}`,
    }
  );
}

/** The report that the command printed; undefined for anything else. */
export function reportIn(stdout: string): DoctorReport | undefined {
  const printed = jsonIn(stdout);
  return Array.isArray(printed?.sites) ? (printed as unknown as DoctorReport) : undefined;
}

/** With `--json`, the command prints a failure as JSON too; anything else that it printed tells why as well. */
export function whyNone(stdout: string, stderr: string): string {
  const error = jsonIn(stdout)?.error as { message?: unknown } | undefined;
  return typeof error?.message === "string" ? error.message : `${failureLines([stderr], (text) => text)[0]}`;
}

function jsonIn(stdout: string): Record<string, unknown> | undefined {
  try {
    const printed: unknown = JSON.parse(stdout);
    return typeof printed === "object" && printed !== null ? (printed as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** The program file of the command, as the program's folder has it installed. */
function commandIn(programFolder: string): string | undefined {
  try {
    const manifest = createRequire(join(programFolder, "package.json")).resolve(`${PACKAGE}/package.json`);
    const { bin } = JSON.parse(readFileSync(manifest, "utf8"));
    return join(dirname(manifest), bin[PACKAGE]);
  } catch {
    // It is not installed there, nor in a folder above.
    return undefined;
  }
}
