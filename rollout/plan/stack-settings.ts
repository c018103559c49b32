import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { parse } from "yaml";

/** The project file of a program; undefined when there is none. */
export function projectFile(programFolder: string): string | undefined {
  return ["Pulumi.yaml", "Pulumi.yml"].map((name) => join(programFolder, name)).find(existsSync);
}

/** The content of the project file of a program; empty when there is none. */
export function projectSettings(programFolder: string): Record<string, unknown> {
  const file = projectFile(programFolder);
  return file === undefined ? {} : (parse(readFileSync(file, "utf8")) ?? {});
}

/** Where the settings files of the stacks of a program are, and how their names end: as the one of the project file. */
export function stackSettingsPlace(programFolder: string): { folder: string; extension: string } {
  const { stackConfigDir = "." } = projectSettings(programFolder);
  const extension = extname(projectFile(programFolder) ?? "Pulumi.yaml");
  return { folder: join(programFolder, String(stackConfigDir)), extension };
}

/** The path of the settings file of a stack, which need not exist. */
export function stackSettingsFile(programFolder: string, stack: string): string {
  const { folder, extension } = stackSettingsPlace(programFolder);
  return join(folder, `Pulumi.${shortNameOf(stack)}${extension}`);
}

/** The configuration in the settings file of a stack; empty where there is none, or where Pulumi reports what is wrong with it. */
export function configIn(settingsFile: string): Record<string, unknown> {
  try {
    const { config } = parse(readFileSync(settingsFile, "utf8")) ?? {};
    return config ?? {};
  } catch {
    // It does not exist yet, or is no YAML.
    return {};
  }
}

/** A key of configuration with its namespace, which is the project by default. */
export const wholeKey = (programFolder: string, key: string) =>
  key.includes(":") ? key : `${projectSettings(programFolder).name}:${key}`;

/** A stack of Pulumi Cloud may be named with organization and project. */
export const shortNameOf = (stack: string) => stack.split("/").at(-1) ?? stack;

/** A fingerprint of the settings of a stack, from which nobody can read them. */
export function settingsFingerprint(programFolder: string, stack: string): string {
  const file = stackSettingsFile(programFolder, stack);
  const text = existsSync(file) ? readFileSync(file) : "";
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
