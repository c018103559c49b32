import type { Command } from "commander";
import { type PreflightReport, preflight, preflightLines } from "../../sdk/nodejs/preflight";
import { printResult } from "../error-links";
import { EXIT, EXIT_CODES_HELP, type ExitCode } from "../exit-codes";
import type { Session } from "../session";
import { withSiteOptions } from "../site-file/sites";
import { UsageError } from "../usage-error";
import { type PreflightValues, preflightOptions, withOptionNames } from "./options";

const EXAMPLE = `Examples:
  $ pulumi-safeguard preflight --site vienna
  $ pulumi-safeguard preflight --sps 10.0.0.1 --spp spp.example.com --spp-user join \\
      --spp-password-file spp-password --ca authorities.pem

${EXIT_CODES_HELP}
A time limit that ends before everything was read counts as a failure; with --strict, so does any warning and any check
that was not made.`;

/** Adds `pulumi-safeguard preflight`, the function of the same name as a command. */
export function addPreflight(program: Command, session: Session): void {
  withSiteOptions(program.command("preflight"))
    .description("Checks whether an SPS cluster can be joined to SPP. Changes nothing.")
    .option("--site <name>", "a site of that file or stack; may be left out when there is only one")
    .option("--sps <address[:port]>", "the Central Management node of the SPS cluster")
    .option("--spp <address[:port]>", "the primary of the SPP cluster")
    .option("--sps-user <name>", "default admin")
    .option("--spp-user <name>", "default admin")
    .option("--spp-identity-provider <name>", "identity provider of the user of SPP; default: the local users")
    .option("--sps-password-env <name>", "environment variable with the password; default SAFEGUARD_SPS_PASSWORD")
    .option("--spp-password-env <name>", "default SAFEGUARD_SPP_PASSWORD")
    .option("--sps-password-file <file>", "file with the password, instead of the variable")
    .option("--spp-password-file <file>", "file with the password, instead of the variable")
    .option("--ca <file>", "PEM certificates to trust instead of the system's own, for both")
    .option("--sps-ca <file>", "PEM certificates to trust for SPS")
    .option("--spp-ca <file>", "PEM certificates to trust for SPP")
    .option("--sps-sha256 <fingerprint>", "pins the certificate of SPS")
    .option("--spp-sha256 <fingerprint>", "pins the certificate of SPP")
    .option("--insecure-skip-verify", "accepts any certificate")
    .option("--cluster-id <id>", "node id the Central Management node must have")
    .option("--sps-backup <mode>", "require (default), report or skip: whether SPS must have a system backup policy")
    .option("--spp-backup <mode>", "take (default), require, report or skip: whether SPP must have a recent backup")
    .option("--seconds <n>", "limit of the whole preflight, 1 to 600; default 15")
    .option("--diagnostics", "lets SPP test port 8649 of SPS; leaves an entry in SPP's audit log")
    .option("--strict", "fails also for warnings and for checks that could not be made")
    .option("--json", "prints the whole report as JSON")
    .addHelpText("after", `\n${EXAMPLE}`)
    .action(async (values: PreflightValues) => {
      session.exitCode = await run(values, session);
    });
}

async function run(values: PreflightValues, session: Session): Promise<ExitCode> {
  const { output, signal } = session;
  const options = await preflightOptions(values, session);
  if (values.diagnostics) output.error("SPP tests port 8649 of SPS, and records the test in its audit log\n");
  const report = await preflight(options, { signal }).catch((error: unknown) => {
    throw error instanceof TypeError ? new UsageError(withOptionNames(error.message)) : error;
  });
  const whole = values.json ? JSON.stringify(report, undefined, 2) : preflightLines(report).join("\n");
  printResult(output, whole, values.json);
  const { exitCode, reason } = verdictOf(report, values);
  if (reason !== undefined) output.error(`error: ${reason}\n`);
  return exitCode;
}

/** The exit code for a report, with the reason when no failed check shows it. */
function verdictOf(
  report: PreflightReport,
  { strict, seconds }: PreflightValues,
): { exitCode: ExitCode; reason?: string } {
  if (!report.ok) return { exitCode: EXIT.failed };
  if (!report.isComplete) {
    const reason = `the limit of ${seconds ?? 15} s ended before everything was read; raise it with --seconds`;
    return { exitCode: EXIT.failed, reason };
  }
  const count = (status: string) => report.checks.filter((check) => check.status === status).length;
  const [warnings, unmade] = [count("warn"), count("not checked")];
  if (!strict || warnings + unmade === 0) return { exitCode: warnings > 0 ? EXIT.warnings : EXIT.fine };
  const counted = (number: number, noun: string) => `${number} ${noun}${number === 1 ? "" : "s"}`;
  const reason = `--strict: ${counted(warnings, "warning")}, ${counted(unmade, "check")} not made`;
  return { exitCode: EXIT.failed, reason };
}
