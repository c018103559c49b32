import { existsSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Command } from "commander";
import { operationContext } from "../../provider/core/context";
import { messageOf } from "../../provider/core/errors";
import { filePath } from "../../provider/core/file-path";
import { printable } from "../../provider/core/printable";
import { readTopology, type Topology } from "../../provider/diagnosis/topology/topology";
import { topologyText } from "../../provider/diagnosis/topology/topology-text";
import { EXIT, EXIT_CODES_HELP, type ExitCode } from "../exit-codes";
import type { Output, Session } from "../session";
import { readSiteFileAsWritten } from "../site-file/read";
import { DEFAULT_FILE, type SiteSource, sitesNamed, valid, withSiteOptions } from "../site-file/sites";
import { UsageError } from "../usage-error";
import { wholeNumber } from "../whole-number";
import { programOf } from "./program";

const EXAMPLE = `Examples:
  $ pulumi-safeguard topology --site vienna
  $ pulumi-safeguard topology --program index.ts

${EXIT_CODES_HELP}`;

interface TopologyValues extends SiteSource {
  site?: string[];
  seconds?: string;
  program?: string;
  json?: boolean;
}

/** Adds `pulumi-safeguard topology`, which shows what there is, and writes a program that adopts it. */
export function addTopology(program: Command, session: Session): void {
  withSiteOptions(program.command("topology"))
    .summary("shows what there is of a site, and writes a Pulumi program for it")
    .description(
      "Reads the SPS cluster, its join, the other clusters of its SPP and the routers, and shows them. Changes nothing.",
    )
    .option("--site <name...>", "only these sites; default: all")
    .option("--seconds <n>", "time limit for the appliances and for each router, 1 to 600; default 15")
    .option("--program <file>", "also writes a Pulumi program that adopts the sites as they are")
    .option("--json", "prints the result as JSON")
    .addHelpText("after", `\n${EXAMPLE}`)
    .action(async (values: TopologyValues) => {
      session.exitCode = await run(values, session);
    });
}

async function run(values: TopologyValues, session: Session): Promise<ExitCode> {
  const { output, signal } = session;
  const seconds = wholeNumber(values.seconds ?? "15", "--seconds", 1, 600);
  if (values.program !== undefined) refuseProgram(values.program, values);
  const sites = (await sitesNamed(values.site, values, session)).map((site) => valid(site, values));
  const context = operationContext({ ...(signal && { signal }) });
  const found = await Promise.all(sites.map((site) => readTopology(site, seconds, context)));
  if (values.program !== undefined) writeProgram(values.program, values.file ?? DEFAULT_FILE, found, output);
  const text = values.json ? JSON.stringify({ sites: found }, undefined, 2) : found.map(topologyText).join("\n\n");
  output.out(`${printable(text, Number.POSITIVE_INFINITY)}\n`);
  return found.every(({ sps, spp }) => sps.notRead === undefined && spp.notRead === undefined)
    ? EXIT.fine
    : EXIT.failed;
}

function refuseProgram(program: string, { stack }: SiteSource): void {
  if (stack !== undefined) throw new UsageError("--program goes with --file: the sites of a stack have a program.");
  if (!existsSync(filePath(program))) return;
  throw new UsageError(`Invalid value for --program: ${program} exists already. Name another file.`);
}

/** Only a site that was read whole gets a program: what is missing in it, `pulumi up` would change. */
function writeProgram(program: string, file: string, found: readonly Topology[], output: Output): void {
  const path = resolve(filePath(program));
  const unread = found.find(({ sps, spp }) => (sps.notRead ?? spp.notRead) !== undefined);
  if (unread) {
    output.error(`site ${unread.site}: it was not read whole, so ${program} was not written\n`);
    return;
  }
  const written = readSiteFileAsWritten(file);
  const sites = found.map((topology) => {
    const site = written.find(({ name }) => name === topology.site);
    if (!site) throw new Error(`file ${file}: site ${topology.site} is gone`);
    return { site, topology };
  });
  try {
    writeFileSync(path, programOf(sites, dirname(path)), { flag: "wx" });
  } catch (error) {
    throw new UsageError(`Invalid value for --program: ${program} cannot be written (${messageOf(error)}).`);
  }
  for (const { site, join } of found) {
    if (join.state === "joined") continue;
    output.error(
      `site ${site}: it is ${join.state}, so pulumi up with ${program} would join it; look at its preview first\n`,
    );
  }
}
