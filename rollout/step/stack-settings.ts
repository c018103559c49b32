import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

/** The content of the project file of a program; empty when there is none. */
export function projectSettings(programFolder: string): Record<string, unknown> {
  const file = ["Pulumi.yaml", "Pulumi.yml"].map((name) => join(programFolder, name)).find(existsSync);
  return file === undefined ? {} : (parse(readFileSync(file, "utf8")) ?? {});
}

/** The path of the settings file of a stack, which need not exist. */
export function stackSettingsFile(programFolder: string, stack: string): string {
  const { stackConfigDir = "." } = projectSettings(programFolder);
  return join(programFolder, String(stackConfigDir), `Pulumi.${shortNameOf(stack)}.yaml`);
}

/** A stack of Pulumi Cloud may be named with organization and project. */
export const shortNameOf = (stack: string) => stack.split("/").at(-1) ?? stack;

/** A fingerprint of the settings of a stack, from which nobody can read them. */
export function settingsFingerprint(programFolder: string, stack: string): string {
  const file = stackSettingsFile(programFolder, stack);
  const text = existsSync(file) ? readFileSync(file) : "";
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
