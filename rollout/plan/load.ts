import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { parseDocument } from "yaml";
import { parseCsv } from "./csv";
import type { Definition, SiteDefinition, StacksSource } from "./definition";
import { programFingerprint } from "./fingerprint";
import { type Plan, planOf } from "./plan";
import { configIn, stackSettingsPlace, wholeKey } from "./stack-settings";
import { type Checked, checkDefinition, checkSite } from "./validate";

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
      [`${file}: ${problems.length === 1 ? "1 problem" : `${problems.length} problems`}`, ...problems].join("\n  "),
    );
  }
}

/** Reads `rollout.yaml` and the files that it names. @throws DefinitionError with all its problems */
export function loadRollout(file: string): LoadedRollout {
  const definition = orThrow(file, checkDefinition(contentOf(file)));
  const folder = dirname(resolve(file));
  const programFolder = resolve(folder, definition.program);
  if (!statSync(programFolder, { throwIfNoEntry: false })?.isDirectory())
    throw new DefinitionError(file, [`program: the folder ${programFolder} does not exist; correct the path.`]);
  const sites = orThrow(file, sitesOf(definition, folder, programFolder));
  const planned = planOf(definition, sites);
  if (!planned.ok) throw new DefinitionError(file, planned.problems);
  return {
    plan: { ...planned.plan, fingerprint: programFingerprint(programFolder, { definition, sites }) },
    programFolder,
    config: Object.fromEntries(sites.map(({ name, config }) => [name, config ?? {}])),
  };
}

/** The name of the rollout of a `rollout.yaml`, without the files that it names. @throws DefinitionError when that file is wrong */
export const rolloutName = (file: string): string => orThrow(file, checkDefinition(contentOf(file))).name;

function contentOf(file: string): unknown {
  const text = textOf(file, file);
  const document = parseDocument(text);
  const [error] = document.errors;
  if (!error) return document.toJS();
  const place = error.linePos?.[0];
  const [reason = ""] = error.message.split(/ at line |\n/);
  throw new DefinitionError(file, [`line ${place?.line}, column ${place?.col}: ${reason}; correct the YAML.`]);
}

function sitesOf(definition: Definition, folder: string, programFolder: string): Checked<SiteDefinition[]> {
  const { sites } = definition;
  if (Array.isArray(sites)) return { ok: true, value: sites };
  return "csv" in sites ? csvSites(sites, folder) : stackSites(sites, programFolder);
}

function csvSites({ csv, spp }: { csv: string; spp?: string }, folder: string): Checked<SiteDefinition[]> {
  const rows = parseCsv(textOf(resolve(folder, csv), `sites.csv: ${csv}`));
  const checked = rows.map(({ line, values }) => checkSite(siteOfRow(values, spp), `${csv} line ${line}`));
  return allOf(checked, `sites.csv: ${csv} has no rows; add one for each site.`);
}

function siteOfRow(values: Record<string, string>, spp: string | undefined): unknown {
  const { frozen, ...rest } = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ""));
  const below = (prefix: string) =>
    Object.fromEntries(
      Object.entries(rest).flatMap(([name, value]) =>
        name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [],
      ),
    );
  const plain = Object.fromEntries(Object.entries(rest).filter(([name]) => !/^(label|config):/.test(name)));
  const flag = frozen === undefined ? {} : { frozen: frozen === "true" ? true : frozen === "false" ? false : frozen };
  // A missing SPP is refused by the schema as an empty one, with the line of the row.
  return { spp: spp ?? "", ...plain, ...flag, labels: below("label:"), config: below("config:") };
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
