import type { Command } from "commander";
import { commandFor } from "../../provider/diagnosis/checks/command";
import { diagnosisPage } from "../../provider/diagnosis/html/page";
import { type DiagnosisReport, diagnose, diagnosisLines } from "../../sdk/nodejs/diagnose";
import { printResult } from "../error-links";
import { EXIT, EXIT_CODES_HELP, type ExitCode } from "../exit-codes";
import { packageVersion } from "../package-version";
import { writeResult } from "../result-file";
import type { Session } from "../session";
import { examinedIn } from "../site-file/progress";
import { type SiteSource, siteOptions, sitesAndLeftOut, sourceOf, withSiteOptions } from "../site-file/sites";
import { UsageError } from "../usage-error";
import { wholeNumber } from "../whole-number";

const EXAMPLE = `Example:
  $ pulumi-safeguard doctor --file safeguard.yaml --site vienna

${EXIT_CODES_HELP}`;

interface DoctorValues extends SiteSource {
  site?: string[];
  seconds?: string;
  trafficSeconds?: string;
  sessionSeconds?: string;
  all?: boolean;
  json?: boolean;
  html?: string;
}

/** Adds `pulumi-safeguard doctor`, the function `diagnose` as a command. */
export function addDoctor(program: Command, session: Session): void {
  withSiteOptions(program.command("doctor"))
    .description(
      "Examines whole sites, from the appliances to the traffic, and names the first cause of each fault. Changes nothing.",
    )
    .option("--site <name...>", "only these sites; default: all")
    .option("--seconds <n>", "time limit for the appliances and for each router, 1 to 600; default 15")
    .option(
      "--traffic-seconds <n>",
      "time between two readings of the packet counters, 0 to 600; default 5; 0: one reading",
    )
    .option("--session-seconds <n>", "longest wait for a new session at SPS, 0 to 600; default 0: none")
    .option("--all", "shows also each check that passes")
    .option("--json", "prints the whole report as JSON")
    .option("--html <file>", "also writes the report as one HTML page")
    .addHelpText("after", `\n${EXAMPLE}`)
    .action(async (values: DoctorValues) => {
      session.exitCode = await run(values, session);
    });
}

async function run(values: DoctorValues, session: Session): Promise<ExitCode> {
  const { output, signal } = session;
  const { sites, leftOut, unfinished } = await sitesAndLeftOut(values.site, values, session);
  const options = {
    sites,
    ...(values.seconds !== undefined && { limitSeconds: wholeNumber(values.seconds, "--seconds", 1, 600) }),
    ...(values.trafficSeconds !== undefined && {
      trafficSeconds: wholeNumber(values.trafficSeconds, "--traffic-seconds", 0, 600),
    }),
    ...(values.sessionSeconds !== undefined && {
      sessionSeconds: wholeNumber(values.sessionSeconds, "--session-seconds", 0, 600),
    }),
  };
  const examined = examinedIn(output, sites.length);
  const diagnosed = await diagnose(options, { signal, onSite: examined }).catch((error: unknown) => {
    throw error instanceof TypeError ? new UsageError(`${sourceOf(values)}: ${error.message}`) : error;
  });
  output.progress?.("");
  const report = withCommandsFor(values, diagnosed);
  if (values.html !== undefined) {
    writeResult("--html", values.html, diagnosisPage(report, { madeAt: new Date(), version: packageVersion() }));
  }
  const whole = values.json
    ? JSON.stringify({ ...report, ...(values.stack !== undefined && { leftOut, unfinished }) }, undefined, 2)
    : diagnosisLines(report, values.all ? "all" : "attention").join("\n");
  printResult(output, whole, values.json);
  return exitCodeOf(report);
}

/** The report with commands that find the sites where this one found them. */
function withCommandsFor(source: SiteSource, report: DiagnosisReport): DiagnosisReport {
  const sites = report.sites.map((site) => {
    const options = siteOptions(source, site.site);
    const checks = site.checks.map((check) =>
      check.command === undefined ? check : { ...check, command: commandFor(check.id, options, source.stack) },
    );
    return { ...site, checks };
  });
  return { ...report, sites };
}

function exitCodeOf({ sites }: DiagnosisReport): ExitCode {
  if (sites.some(({ status }) => status === "failed")) return EXIT.failed;
  return sites.some(({ status }) => status === "warnings") ? EXIT.warnings : EXIT.fine;
}
