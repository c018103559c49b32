import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { csvSites } from "./csv-sites";
import type { Definition, SiteDefinition, StacksSource } from "./definition";
import { programFingerprint } from "./fingerprint";
import { type Plan, planOf } from "./plan";
import { configIn, projectFile, stackSettingsPlace, wholeKey } from "./stack-settings";
import { type Checked, checkDefinition, checkSite } from "./validate";
import { readYaml } from "./yaml-text";

/** A rollout as its file describes it now. */
export interface LoadedRollout {
  plan: Plan;
  /** Absolute path of the folder of the Pulumi program. */
  programFolder: string;
  /** Stack configuration by the name of the site. It never goes into the database. */
  config: Record<string, Record<string, string>>;
}

/** A `rollout.yaml` that cannot run; `problems` has one sentence for each mistake. */
export class DefinitionError extends Error {
  constructor(
    readonly file: string,
    readonly problems: readonly string[],
  ) {
    super(
      problems.length === 1
        ? `${file}: ${problems[0]}`
        : [`${file}: ${problems.length} problems`, ...problems].join("\n  "),
    );
  }
}

/** Reads `rollout.yaml` and the files that it names. @throws DefinitionError with all its problems */
export function loadRollout(file: string): LoadedRollout {
  const definition = definitionIn(file);
  const folder = dirname(resolve(file));
  const programFolder = resolve(folder, definition.program);
  const wrong = programProblem(programFolder);
  if (wrong !== undefined) throw new DefinitionError(file, [`program: ${wrong}`]);
  const sites = orThrow(file, sitesOf(definition, folder, programFolder));
  const planned = planOf(definition, sites);
  if (!planned.ok) throw new DefinitionError(file, planned.problems);
  return {
    plan: { ...planned.plan, fingerprint: programFingerprint(programFolder, definition.name, { definition, sites }) },
    programFolder,
    config: Object.fromEntries(sites.map(({ name, config }) => [name, config ?? {}])),
  };
}

/** The name of the rollout of a `rollout.yaml`, without the files that it names. @throws DefinitionError when that file is wrong */
export const rolloutName = (file: string): string => definitionIn(file).name;

function definitionIn(file: string): Definition {
  const read = readYaml(textOf(file, file));
  if ("problem" in read) throw new DefinitionError(file, [read.problem]);
  return orThrow(file, checkDefinition(read.content, read.lineOf));
}

/** Why a folder holds no program that Pulumi can run; undefined when it may. */
function programProblem(folder: string): string | undefined {
  const found = statSync(folder, { throwIfNoEntry: false });
  if (!found?.isDirectory()) return `the folder ${folder} ${found ? "is a file" : "does not exist"}; correct the path.`;
  const settings = projectFile(folder);
  if (settings === undefined)
    return `the folder ${folder} has no Pulumi.yaml; correct the path, or run pulumi new there.`;
  const read = readYaml(textOf(settings, settings));
  return "problem" in read ? `${settings}: ${read.problem}` : undefined;
}

function sitesOf(definition: Definition, folder: string, programFolder: string): Checked<SiteDefinition[]> {
  const { sites } = definition;
  if (Array.isArray(sites)) return { ok: true, value: sites };
  if ("stacks" in sites) return stackSites(sites, programFolder);
  return csvSites(textOf(resolve(folder, sites.csv), `sites.csv: ${sites.csv}`), sites);
}

function stackSites(source: StacksSource, programFolder: string): Checked<SiteDefinition[]> {
  const { stacks } = source;
  const { folder, extension } = stackSettingsPlace(programFolder);
  const pattern = basename(stacks);
  // Like the names of all files, a folder counts from the program, and Pulumi reads settings from one folder only.
  if (pattern !== stacks && resolve(programFolder, dirname(stacks)) !== resolve(folder))
    return { ok: false, problems: [`sites.stacks: stack settings files are in ${folder}; write ${pattern} alone.`] };
  const matches = globOf(pattern);
  const names = (statSync(folder, { throwIfNoEntry: false })?.isDirectory() ? readdirSync(folder) : [])
    .filter((file) => matches.test(file) && /^Pulumi\../.test(file) && file.endsWith(extension))
    .flatMap((file) => file.slice("Pulumi.".length, -extension.length) || [])
    .sort();
  const keys = wholeKeys(source, programFolder);
  const checked = names.map((name) => stackSite(source, keys, name, join(folder, `Pulumi.${name}${extension}`)));
  return allOf(checked, `sites.stacks: no stack settings file in ${folder} matches ${stacks}; correct the pattern.`);
}

/** The keys of configuration from which the SPP and the labels of each site come, with their namespaces. */
interface ConfigKeys {
  spp: string | undefined;
  labels: readonly (readonly [label: string, key: string])[];
}

function wholeKeys({ sppFrom, labelsFrom = {} }: StacksSource, programFolder: string): ConfigKeys {
  return {
    spp: sppFrom === undefined ? undefined : wholeKey(programFolder, sppFrom),
    labels: Object.entries(labelsFrom).map(([label, key]) => [label, wholeKey(programFolder, key)] as const),
  };
}

/** The site of a stack, with the SPP and the labels that its own configuration names. */
function stackSite(
  { spp, labels }: StacksSource,
  keys: ConfigKeys,
  name: string,
  settingsFile: string,
): Checked<SiteDefinition> {
  // Rollouts have thousands of stacks, and their settings are read only for what is taken from them.
  const config = keys.spp === undefined && keys.labels.length === 0 ? {} : configIn(settingsFile);
  const own = keys.labels.flatMap(([label, key]) => {
    const value = config[key];
    // Numbers and booleans too, which YAML makes of what has no quotes.
    return value === undefined ? [] : [[label, typeof value === "object" ? value : String(value)] as const];
  });
  // A missing SPP is refused by the schema as an empty one, with the file.
  const address = (keys.spp === undefined ? undefined : config[keys.spp]) ?? spp ?? "";
  const site = { name, spp: address, labels: { ...labels, ...Object.fromEntries(own) } };
  return checkSite(site, basename(settingsFile));
}

function globOf(pattern: string): RegExp {
  const text = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${text.replaceAll("*", ".*").replaceAll("?", ".")}$`);
}

function allOf(checked: readonly Checked<SiteDefinition>[], none: string): Checked<SiteDefinition[]> {
  if (checked.length === 0) return { ok: false, problems: [none] };
  const problems = checked.flatMap((one) => (one.ok ? [] : one.problems));
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, value: checked.flatMap((one) => (one.ok ? [one.value] : [])) };
}

function textOf(file: string, path: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === "ENOENT" ? "does not exist" : `cannot be read (${code})`;
    throw new DefinitionError(path, [`the file ${reason}; correct the path or its rights.`]);
  }
}

function orThrow<T>(file: string, checked: Checked<T>): T {
  if (checked.ok) return checked.value;
  throw new DefinitionError(file, checked.problems);
}
