import { existsSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Command } from "commander";
import { operationContext } from "../../provider/core/context";
import { messageOf } from "../../provider/core/errors";
import { filePath } from "../../provider/core/file-path";
import { topologyPage } from "../../provider/diagnosis/html/topology-page";
import { topologySvg } from "../../provider/diagnosis/picture/svg";
import type { Site } from "../../provider/diagnosis/site/inputs";
import type { Topology } from "../../provider/diagnosis/topology/schema";
import { IN_FORCE, readTopologies } from "../../provider/diagnosis/topology/topology";
import { topologyText } from "../../provider/diagnosis/topology/topology-text";
import { printResult } from "../error-links";
import { EXIT, EXIT_CODES_HELP, type ExitCode } from "../exit-codes";
import { packageVersion } from "../package-version";
import { writeResult } from "../result-file";
import type { Session } from "../session";
import { readSiteFileAsWritten } from "../site-file/read";
import { DEFAULT_FILE, type SiteSource, sitesNamed, validSites, withSiteOptions } from "../site-file/sites";
import { UsageError } from "../usage-error";
import { wholeNumber } from "../whole-number";
import { programOf } from "./program";

const EXAMPLE = `Examples:
  $ pulumi-safeguard topology --site vienna
  $ pulumi-safeguard topology --svg site.svg
  $ pulumi-safeguard topology --program index.ts

${EXIT_CODES_HELP}`;

interface TopologyValues extends SiteSource {
  site?: string[];
  seconds?: string;
  program?: string;
  svg?: string;
  html?: string;
  json?: boolean;
}

/** Adds `pulumi-safeguard topology`, which shows what there is, and writes a program that adopts it. */
export function addTopology(program: Command, session: Session): void {
  withSiteOptions(program.command("topology"))
    .description(
      "Reads the SPS cluster, its join, the other clusters of its SPP and the routers, and shows them. Changes nothing.",
    )
    .option("--site <name...>", "only these sites; default: all")
    .option("--seconds <n>", "time limit for the appliances and for each router, 1 to 600; default 15")
    .option("--program <file>", "also writes a Pulumi program that adopts the sites as they are")
    .option("--svg <file>", "also draws the sites as one SVG picture")
    .option("--html <file>", "also writes the sites as one HTML page")
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
  const sites = validSites(await sitesNamed(values.site, values, session), values);
  const context = operationContext({ ...(signal && { signal }) });
  const found = await readTopologies(sites, seconds, context);
  const text = values.json ? JSON.stringify({ sites: found }, undefined, 2) : found.map(topologyText).join("\n\n");
  if (values.svg !== undefined) writeResult("--svg", values.svg, topologySvg(found));
  if (values.html !== undefined) {
    writeResult("--html", values.html, topologyPage(found, { madeAt: new Date(), version: packageVersion() }));
  }
  printResult(output, text, values.json);
  const obstacles = found.flatMap(obstaclesOf);
  for (const obstacle of obstacles) output.error(`${obstacle}${values.program ? "; no program was written" : ""}\n`);
  if (obstacles.length > 0) return EXIT.failed;
  if (values.program === undefined) return EXIT.fine;
  writeProgram(values.program, values.file ?? DEFAULT_FILE, found);
  const warnings = found.flatMap((topology) => warningsOf(topology, sites));
  for (const warning of warnings) output.error(`${warning}\n`);
  return warnings.length > 0 ? EXIT.warnings : EXIT.fine;
}

/** Why a site is not known well enough for a program: what is missing in it, `pulumi up` would change. */
function obstaclesOf({ site, sps, spp, routers }: Topology): string[] {
  const central = sps.nodes.find(({ isCentral }) => isCentral);
  return [
    ...(sps.notRead === undefined
      ? []
      : [`site ${site}: sps ${sps.address} could not be read completely: ${sps.notRead}`]),
    ...(spp.notRead === undefined
      ? []
      : [`site ${site}: spp ${spp.address} could not be read completely: ${spp.notRead}`]),
    ...(sps.isCentral
      ? []
      : [
          `site ${site}: sps ${sps.address} is not the Central Management node; set sps to ${central?.address ?? "it"}`,
        ]),
    ...routers.filter(({ isRead }) => !isRead).map(({ name, state }) => `site ${site}: router ${name}: ${state}`),
  ];
}

/** What `pulumi up` with the program would change, or cannot do. */
function warningsOf({ site, sps, join, routers }: Topology, given: readonly Site[]): string[] {
  const isPinned = given.find(({ name }) => name === site)?.sps.certificateSha256 !== undefined;
  return [
    ...(join.state === "joined"
      ? []
      : [`site ${site}: it is ${join.state}: pulumi up would join it; look at its preview first`]),
    ...routers
      .filter(({ state }) => state !== IN_FORCE)
      .map(
        ({ name, state }) =>
          `site ${site}: router ${name}: ${state}: pulumi up would change it; look at its preview first`,
      ),
    ...(isPinned && sps.nodes.length > 1
      ? [`site ${site}: the other nodes need ca or certificateSha256 of their own in the program`]
      : []),
  ];
}

function refuseProgram(program: string, { stack }: SiteSource): void {
  if (stack !== undefined) throw new UsageError("--program goes with --file: the sites of a stack have a program.");
  if (!existsSync(filePath(program))) return;
  throw new UsageError(`Invalid value for --program: ${program} exists already. Name another file.`);
}

function writeProgram(program: string, file: string, found: readonly Topology[]): void {
  const path = resolve(filePath(program));
  const written = readSiteFileAsWritten(file);
  const sites = found.map((topology) => {
    const site = written.find(({ name }) => name === topology.site);
    if (!site) throw new Error(`file ${file}: site ${topology.site} is gone`);
    return { site, topology };
  });
  try {
    const folders = { from: dirname(resolve(filePath(file))), to: dirname(path) };
    writeFileSync(path, programOf(sites, folders), { flag: "wx" });
  } catch (error) {
    throw new UsageError(`Invalid value for --program: ${program} cannot be written (${messageOf(error)}).`);
  }
}
