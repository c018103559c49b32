import { accessSync, constants, statSync } from "node:fs";
import type { Command } from "commander";
import { operationContext, silentLog } from "../../provider/core/context";
import { messageOf } from "../../provider/core/errors";
import { filePath } from "../../provider/core/file-path";
import { type CollectedBundles, collectBundles } from "../../provider/diagnosis/bundles/collect";
import { printResult } from "../error-links";
import { EXIT, EXIT_CODES_HELP, type ExitCode } from "../exit-codes";
import type { Output, Session } from "../session";
import { oneSite, type SiteSource, withSiteOptions } from "../site-file/sites";
import { UsageError } from "../usage-error";
import { wholeNumber } from "../whole-number";

const EXAMPLE = `Example:
  $ pulumi-safeguard support-bundle --site vienna --folder bundles

Rights: SPS: read and write/perform on Basic Settings > Troubleshooting. SPP: Appliance or Auditor permission.

${EXIT_CODES_HELP}`;

/** Both appliances record it, and the files hold more than a user may expect. */
const BEFOREHAND = `The appliances make support bundles of their logs and configuration, with names of hosts and users; they record it in their audit
logs, and it takes minutes. SPS holds one bundle until it is saved here.
`;

interface SupportBundleValues extends SiteSource {
  site?: string;
  folder: string;
  members?: boolean;
  replace?: boolean;
  eventLogs?: boolean;
  logDays?: string;
  minutes?: string;
  json?: boolean;
}

/** Adds `pulumi-safeguard support-bundle`, which saves the support bundles of a site for the vendor's support. */
export function addSupportBundle(program: Command, session: Session): void {
  withSiteOptions(program.command("support-bundle"))
    .description("Makes the support bundles of SPS and SPP at once, saves them, and removes that of SPS from the node.")
    .option("--site <name>", "the site; may be left out when there is only one")
    .option("--folder <folder>", "where the files go", ".")
    .option("--members", "also of the other SPS nodes, with the account of the Central Management node")
    .option("--replace", "replaces a bundle that SPS holds already; it holds only one")
    .option("--event-logs", "adds the operating system's event logs of SPP, which takes much longer")
    .option("--log-days <n>", "days of SPP's logs besides today's, 0 to 365; default: all that it keeps")
    .option("--minutes <n>", "time limit of each appliance, 1 to 240; default 30")
    .option("--json", "prints the result as JSON")
    .addHelpText("after", `\n${EXAMPLE}`)
    .action(async (values: SupportBundleValues) => {
      session.exitCode = await run(values, session);
    });
}

async function run(values: SupportBundleValues, session: Session): Promise<ExitCode> {
  const { output, signal } = session;
  const site = await oneSite(values.site, values, session);
  const folder = filePath(values.folder);
  const problem = folderProblem(folder);
  if (problem) throw new UsageError(`Invalid value for --folder: ${values.folder} ${problem}.`);
  if (values.members && site.sps.certificateSha256 !== undefined) {
    const pin = "certificateSha256 of sps identifies the Central Management node alone";
    throw new UsageError(`Option --members: ${pin}; give its authority (caFile) instead, or leave out --members.`);
  }
  const options = {
    folder,
    members: values.members ?? false,
    replace: values.replace ?? false,
    includeEventLogs: values.eventLogs ?? false,
    logDays: values.logDays === undefined ? undefined : wholeNumber(values.logDays, "--log-days", 0, 365),
    limitSeconds: 60 * wholeNumber(values.minutes ?? "30", "--minutes", 1, 240),
    onBytes: progressIn(output),
  };
  output.error(BEFOREHAND);
  const log = { ...silentLog, status: (text: string) => output.progress?.(text) };
  const collected = await collectBundles(site, options, operationContext({ log, ...(signal && { signal }) }));
  output.progress?.("");
  const text = values.json ? JSON.stringify({ site: site.name, ...collected }, undefined, 2) : linesOf(collected);
  printResult(output, text, values.json);
  if (signal?.aborted) return EXIT.notRun;
  if (collected.failures.length > 0) return EXIT.failed;
  return collected.warnings.length > 0 ? EXIT.warnings : EXIT.fine;
}

/** Shows the bytes of all appliances together, several times a second at most. */
function progressIn(output: Output): (object: string, bytes: number) => void {
  const soFar = new Map<string, number>();
  let shownAt = 0;
  return (object, bytes) => {
    soFar.set(object, bytes);
    if (Date.now() - shownAt < 200) return;
    shownAt = Date.now();
    output.progress?.([...soFar].map(([name, size]) => `${name}: ${megabytes(size)}`).join("; "));
  };
}

function linesOf({ bundles, failures, warnings, leftOut }: CollectedBundles): string {
  return [
    ...bundles.map(
      ({ appliance, path, bytes, sha256 }) => `${appliance}: ${path}, ${megabytes(bytes)}, SHA-256 ${sha256}`,
    ),
    ...leftOut.map((what) => `left out: ${what}`),
    ...warnings,
    ...failures.map(({ appliance, reason }) => (reason.startsWith(appliance) ? reason : `${appliance}: ${reason}`)),
  ].join("\n");
}

const megabytes = (bytes: number) => `${(bytes / 1_000_000).toFixed(1)} MB`;

function folderProblem(folder: string): string | undefined {
  try {
    if (!statSync(folder).isDirectory()) return "is not a folder";
    accessSync(folder, constants.W_OK);
    return undefined;
  } catch (error) {
    return `cannot be written (${messageOf(error)})`;
  }
}
