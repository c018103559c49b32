import type { Command } from "commander";
import { quoteWord } from "../../provider/core/shell-word";
import { validate } from "../../provider/core/validate";
import { type Site, siteSchema } from "../../provider/diagnosis/site/inputs";
import { siteProblems } from "../../provider/diagnosis/site/problems";
import type { DiagnoseOptions } from "../../sdk/nodejs/diagnose";
import type { Session } from "../session";
import { UsageError } from "../usage-error";
import { readStack, type StackSites } from "./from-stack";
import { readSiteFile } from "./read";

type Sites = DiagnoseOptions["sites"];

export const DEFAULT_FILE = "safeguard.yaml";

/** Where sites come from, as written on the command line. */
export interface SiteSource {
  file?: string;
  stack?: string;
}

/** Adds the options that say where sites come from. */
export function withSiteOptions(command: Command): Command {
  return command
    .option("--file <file>", `the sites with their connections; default: ${DEFAULT_FILE}`)
    .option("--stack <stack>", "the sites of this Pulumi stack instead, as recorded by the last pulumi up");
}

/** The source in messages. */
export const sourceOf = ({ file, stack }: SiteSource) =>
  stack === undefined ? `file ${file ?? DEFAULT_FILE}` : `stack ${stack}`;

/** The options that lead another command to one site of a source, quoted for a shell. */
export function siteOptions({ file, stack }: SiteSource, site: string): string {
  const source = stack !== undefined ? ["--stack", stack] : file === undefined ? [] : ["--file", file];
  return [...source, "--site", site].map(quoteWord).join(" ");
}

/** The sites of a source with these names; all of them without names. @throws UsageError */
export async function sitesNamed(
  names: readonly string[] | undefined,
  source: SiteSource,
  session: Session,
): Promise<Sites> {
  return (await sitesAndLeftOut(names, source, session)).sites;
}

/** The sites of a source with these names, and what was left out of all of its sites or is unfinished there. @throws UsageError */
export async function sitesAndLeftOut(
  names: readonly string[] | undefined,
  source: SiteSource,
  session: Session,
): Promise<StackSites> {
  const found = await sitesIn(source, session);
  const { sites } = found;
  if (names === undefined) return found;
  const known = sites.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return { ...found, sites: sites.filter(({ name }) => names.includes(name)) };
  throw new UsageError(`Invalid value for --site: ${unknown}. ${allowed(sites, source)}`);
}

/** The one site of a source with this name; without a name, the only one. @throws UsageError */
export async function oneSite(name: string | undefined, source: SiteSource, session: Session): Promise<Site> {
  const sites = await sitesNamed(name === undefined ? undefined : [name], source, session);
  const [site, other] = sites;
  if (!site || other) throw new UsageError(`The option --site is missing. ${allowed(sites, source)}`);
  const [valid] = validSites([site], source);
  return valid as Site;
}

/** Sites with their defaults. @throws UsageError that names all mistakes */
export function validSites(given: Sites, source: SiteSource): Site[] {
  const results = given.map((site) => validate(siteSchema, site));
  const sites = results.flatMap((result) => (result.ok ? [result.value as Site] : []));
  const reasons = results.flatMap((result) => (result.ok ? [] : result.failures.map(({ reason }) => reason)));
  const problems = reasons.length > 0 ? reasons : siteProblems(sites);
  if (problems.length > 0) throw new UsageError(`${sourceOf(source)}: ${problems.join(" ")}`);
  return sites;
}

async function sitesIn({ file, stack }: SiteSource, { output, signal }: Session): Promise<StackSites> {
  if (stack === undefined) return { sites: readSiteFile(file ?? DEFAULT_FILE), leftOut: [], unfinished: [] };
  if (file !== undefined) throw new UsageError("Only one of --file and --stack may be given.");
  const found = await readStack(stack, signal);
  for (const reason of found.leftOut) output.error(`stack ${stack}: left out ${reason}\n`);
  for (const reason of found.unfinished) output.error(`stack ${stack}: ${reason}\n`);
  return found;
}

const allowed = (sites: Sites, source: SiteSource) =>
  `Allowed values are: ${sites.map(({ name }) => name).join(", ")}, the sites of ${sourceOf(source).replace(/^file /, "")}.`;
