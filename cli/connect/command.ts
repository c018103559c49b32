import type { Command } from "commander";
import { operationContext } from "../../provider/core/context";
import { testConnections } from "../../provider/diagnosis/connect/connect";
import { connectLines } from "../../provider/diagnosis/connect/text";
import { printResult } from "../error-links";
import { EXIT, EXIT_CODES_HELP, type ExitCode } from "../exit-codes";
import type { Session } from "../session";
import { examinedIn } from "../site-file/progress";
import { type SiteSource, sitesNamed, validSites, withSiteOptions } from "../site-file/sites";
import { wholeNumber } from "../whole-number";

const EXAMPLE = `Example:
  $ pulumi-safeguard connect --site vienna

Rights: SPP: Appliance or Operations permission, for its network tools.

${EXIT_CODES_HELP}
Tests that only the web page of SPS can make are listed, and count as no warning.`;

/** SPP records what its tools do. */
const BEFOREHAND = `SPP runs its network tools (telnet, ping, and traceroute where a port is closed) against the SPS nodes, and records that in its
audit log. Nothing is changed. To leave that out, add --no-spp-tools.
`;

interface ConnectValues extends SiteSource {
  site?: string[];
  seconds?: string;
  sppTools: boolean;
  json?: boolean;
}

/** Adds `pulumi-safeguard connect`, which tests the network between the parts of a site. */
export function addConnect(program: Command, session: Session): void {
  withSiteOptions(program.command("connect"))
    .description(
      "Tests names, ports, packet sizes and certificates between SPS, SPP, the routers and this machine, and names the hop or firewall to look at.",
    )
    .option("--site <name...>", "only these sites; default: all")
    .option("--seconds <n>", "time limit of a site, 1 to 600; default 60")
    .option("--no-spp-tools", "does not let SPP test; by default it does, and records it in its audit log")
    .option("--json", "prints the result as JSON")
    .addHelpText("after", `\n${EXAMPLE}`)
    .action(async (values: ConnectValues) => {
      session.exitCode = await run(values, session);
    });
}

async function run(values: ConnectValues, session: Session): Promise<ExitCode> {
  const { output, signal } = session;
  const limitSeconds = wholeNumber(values.seconds ?? "60", "--seconds", 1, 600);
  const sites = validSites(await sitesNamed(values.site, values, session), values);
  if (values.sppTools) output.error(BEFOREHAND);
  const context = operationContext({ ...(signal && { signal }) });
  const options = { limitSeconds, asksSpp: values.sppTools };
  const examined = examinedIn(output, sites.length);
  const reports = await Promise.all(
    sites.map(async (site) => {
      const report = await testConnections(site, options, context);
      examined();
      return report;
    }),
  );
  output.progress?.("");
  const text = values.json
    ? JSON.stringify({ sites: reports }, undefined, 2)
    : reports.flatMap(connectLines).join("\n");
  printResult(output, text, values.json);
  if (reports.some(({ status }) => status === "failed")) return EXIT.failed;
  return reports.every(({ status }) => status === "fine") ? EXIT.fine : EXIT.warnings;
}
