import { setTimeout as pause } from "node:timers/promises";
import type { Command } from "commander";
import { operationContext } from "../../provider/core/context";
import { messageOf } from "../../provider/core/errors";
import { changeText } from "../../provider/diagnosis/logging/change-text";
import {
  putBackLogs,
  raisedLogsOf,
  raiseLogs,
  readLogs,
  readLogsAndSyslog,
  readSppDebug,
} from "../../provider/diagnosis/logging/logs";
import type { RaisedLogs } from "../../provider/diagnosis/logging/raised-logs";
import type { Site } from "../../provider/diagnosis/site/inputs";
import { EXIT, EXIT_CODES_HELP, type ExitCode } from "../exit-codes";
import type { Session } from "../session";
import { oneSite, type SiteSource, siteOptions, withSiteOptions } from "../site-file/sites";
import { UsageError } from "../usage-error";
import { type LogsValues, minutesOf, wantedSettings } from "./options";
import { logsReport, logsText } from "./text";

const EXAMPLE = `Examples:
  $ pulumi-safeguard logs --site vienna
  $ pulumi-safeguard logs --site vienna --level 7 --protocol ssh --minutes 10

The settings are put back after the time, and on Ctrl-C. After a killed run, put them back with --put-back.

${EXIT_CODES_HELP}`;

/** Adds `pulumi-safeguard logs`, which shows how much SPS logs and raises it for a limited time. */
export function addLogs(program: Command, session: Session): void {
  withSiteOptions(program.command("logs"))
    .description(
      "Shows how much SPS and SPP log, and where to read it. With --level or --debug-logging, raises it on SPS for a limited time.",
    )
    .option("--site <name>", "the site; may be left out when there is only one")
    .option("--level <n>", "log level of SPS for that time, 1 (none) to 10; SPS has 4 by default")
    .option("--protocol <name...>", "only these protocols, such as ssh rdp; default: all that have a log level")
    .option("--debug-logging", "enables debug logging of SPS for that time")
    .option("--minutes <n>", "the time, 1 to 1440; default 15")
    .option("--accept-secrets-in-logs", "allows levels 8 to 10, at which SPS may log passwords in plain text")
    .option("--put-back", "puts back what a killed run has left raised")
    .option("--json", "prints the result as JSON")
    .addHelpText("after", `\n${EXAMPLE}`)
    .action(async (values: LogsValues) => {
      session.exitCode = await run(values, session);
    });
}

async function run(values: LogsValues, session: Session): Promise<ExitCode> {
  const site = await oneSite(values.site, values, session);
  if (values.putBack) return putBack(site, values, session);
  if (values.level === undefined && !values.debugLogging) return show(site, values, session);
  return raise(site, values, session);
}

async function show(site: Site, values: LogsValues, { output, signal }: Session): Promise<ExitCode> {
  const context = operationContext({ ...(signal && { signal }) });
  const [sps, spp, raised] = await Promise.all([
    readLogsAndSyslog(site.sps, context),
    readSppDebug(site.spp, context),
    raisedLogsOf(site.sps),
  ]);
  const report = logsReport(site, sps, spp, raised);
  const text = values.json ? JSON.stringify(report, undefined, 2) : logsText(report, putBackCommand(values, site.name));
  output.out(`${text}\n`);
  return raised ? EXIT.warnings : EXIT.fine;
}

async function raise(site: Site, values: LogsValues, { output, signal }: Session): Promise<ExitCode> {
  const context = operationContext({ ...(signal && { signal }) });
  const minutes = minutesOf(values.minutes);
  const earlier = await raisedLogsOf(site.sps);
  if (earlier) {
    const state = `log settings of sps ${earlier.sps} are raised already (${changeText(earlier)})`;
    throw new UsageError(`${state}; put them back first: ${putBackCommand(values, site.name)}`);
  }
  const wanted = wantedSettings(values, await readLogs(site.sps, context));
  const until = new Date(Date.now() + minutes * 60_000);
  try {
    const beforehand = `log settings are raised for ${minutes} min and put back; SPS records both as changes of its configuration`;
    output.error(`sps ${site.sps.address}: ${beforehand}\n`);
    const note = await raiseLogs(site.sps, wanted, until, context);
    if (!note) unchanged(site, "logs that much already; nothing was changed", values, output);
    else {
      const line = `sps ${site.sps.address}: raised ${changeText(note)} until ${until.toISOString()}; Ctrl-C puts it back now`;
      output.error(`${line}\n`);
      await pause(minutes * 60_000, undefined, { signal: context.signal }).catch(() => {
        // Cancelled: the settings are put back at once.
      });
    }
  } finally {
    const note = await raisedLogsOf(site.sps);
    if (note) await restore(site, note, values, output);
  }
  return EXIT.fine;
}

async function putBack(site: Site, values: LogsValues, { output }: Session): Promise<ExitCode> {
  const note = await raisedLogsOf(site.sps);
  if (note) {
    const beforehand = "log settings are put back; SPS records it as a change of its configuration";
    output.error(`sps ${site.sps.address}: ${beforehand}\n`);
    await restore(site, note, values, output);
  } else unchanged(site, "nothing to put back is noted on this machine", values, output);
  return EXIT.fine;
}

const NO_SETTINGS = { levels: {} };

/** Says why nothing was changed. */
function unchanged(site: Site, why: string, { json }: LogsValues, output: Session["output"]): void {
  const nothing = { site: site.name, restored: NO_SETTINGS, left: NO_SETTINGS, note: why };
  output.out(json ? `${JSON.stringify(nothing, undefined, 2)}\n` : `sps ${site.sps.address}: ${why}\n`);
}

/** Also after a cancel: it has its own context. */
async function restore(site: Site, note: RaisedLogs, values: LogsValues, output: Session["output"]): Promise<void> {
  const object = `sps ${site.sps.address}`;
  const { restored, left } = await putBackLogs(site.sps, note, operationContext()).catch((error: unknown) => {
    const command = putBackCommand(values, site.name);
    throw new Error(`${messageOf(error)}; the log settings are still raised: run ${command}`, { cause: error });
  });
  if (values.json) {
    output.out(`${JSON.stringify({ site: site.name, restored, left }, undefined, 2)}\n`);
    return;
  }
  output.out(`${object}: put back ${changeText({ before: note.set, set: restored }) || "nothing, all is as it was"}\n`);
  const others = Object.keys(left.levels);
  if (others.length > 0) output.out(`${object}: left ${others.join(", ")} alone: changed by someone else since\n`);
}

const putBackCommand = (source: SiteSource, site: string) =>
  `pulumi-safeguard logs ${siteOptions(source, site)} --put-back`;
