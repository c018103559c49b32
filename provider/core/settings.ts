import { z } from "zod";
import { oneOf, wholeNumber } from "./fields";
import { jsonSchemaOf } from "./json-schema";
import { isRecord } from "./record";
import { validate } from "./validate";

const seconds = (meaning: string, maximum = 7200) => wholeNumber(1, maximum, meaning).optional();

/** How the result of a preflight is used. */
export const PREFLIGHT_MODES = ["enforce", "report", "off"] as const;
export type PreflightMode = (typeof PREFLIGHT_MODES)[number];

/** Settings for all resources of a stack. An input of a resource overrides them. */
export const settingsSchema = z.strictObject({
  preflight: oneOf(
    PREFLIGHT_MODES,
    "Preflight of every SppJoin and of the nodes of every SpsCluster. enforce: a failed check fails the preview and the update. report: shows the result only. off: skips the checks.",
  ).optional(),
  preview: oneOf(
    ["auto", "always", "never"],
    "When previews of RouterRedirection log in to the router. auto: if the resource is new or the update would change the router. always: in every preview. never: makes no connection.",
  ).optional(),
  detail: oneOf(
    ["result", "all"],
    "What previews and updates show. result: one line a resource, then only what needs attention. all: every check and every step.",
  ).optional(),
  stepSeconds: seconds("Limit of each step of SpsCluster, in seconds.", 3600),
  synchronizationSeconds: seconds(
    "Limit of each wait of SpsCluster and SppJoin until all members are in sync with the Central Management node, in seconds.",
  ),
  trustSeconds: seconds("Limit of each wait of SppJoin for SPP, in seconds."),
  policySeconds: seconds("Limit of the wait of SppJoin until SPS has created its objects, in seconds."),
  backupSeconds: seconds("Limit of the wait of SppJoin for a backup of SPP, in seconds."),
});

/** The settings that are given; resources have the defaults of the others. */
export type Settings = { readonly [Key in keyof z.input<typeof settingsSchema>]: z.input<typeof settingsSchema>[Key] };

/** No settings: every default applies. */
export const NO_SETTINGS: Settings = {};

/** The name of a setting in stack configuration: `safeguard:stepSeconds`. */
export const configurationKey = (name: string) => `safeguard:${name}`;

/** The name of a setting in the environment: `SAFEGUARD_STEP_SECONDS`. */
export const variableOf = (name: string) => `SAFEGUARD_${name.replace(/[A-Z]/g, "_$&").toUpperCase()}`;

/**
 * The settings of a stack: from its configuration (`safeguard:…`), else from the environment (`SAFEGUARD_…`). An empty
 * value counts as none.
 * @param config reads one key of the stack configuration; structured values are JSON text
 * @throws TypeError that names the setting and its allowed values
 */
export function settingsFrom(
  config: (key: string) => string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Settings {
  const given = Object.entries(jsonSchemaOf(settingsSchema).properties ?? {}).flatMap(([name, { type }]) => {
    const [key, variable] = [configurationKey(name), variableOf(name)];
    const found = config(key) || undefined;
    const text = found ?? (environment[variable] || undefined);
    if (text === undefined) return [];
    const value = type === "integer" && /^\d+$/.test(text) ? Number(text) : text;
    return [{ name, value, source: found === undefined ? variable : key }];
  });
  const validated = validate(settingsSchema, Object.fromEntries(given.map(({ name, value }) => [name, value])));
  if (validated.ok) return validated.value as Settings;
  const sources = new Map(given.map(({ name, source }) => [name, source]));
  const reasons = validated.failures.map(({ path, reason }) => reason.replace(path, sources.get(path) ?? path));
  throw new TypeError(reasons.join(" "));
}

/** The same inputs with defaults for missing ones, inside groups too. Pure. */
export function withDefaults(
  given: Record<string, unknown>,
  defaults: Record<string, unknown>,
): Record<string, unknown> {
  const filled = { ...given };
  for (const [name, value] of Object.entries(defaults)) {
    if (value === undefined) continue;
    const current = given[name];
    if (isRecord(value)) {
      const group = current === undefined ? {} : current;
      if (isRecord(group)) filled[name] = withDefaults(group, value);
    } else if (current === undefined) filled[name] = value;
  }
  return filled;
}
