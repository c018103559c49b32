import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CATALOGUE } from "../../provider/core/errors";
import { definitionSchema } from "../../rollout/plan/validate";

/** What the package for rollouts, which imports nothing of the provider, needs to know of it and publishes. */
export function rolloutFiles(): Record<string, string> {
  return {
    "schema/rollout.schema.json": `${JSON.stringify(definitionSchema(), undefined, 2)}\n`,
    "generated/error-kinds.ts": errorKinds(),
    "generated/failure-json.ts": copyOf("cli", "failure-json.ts"),
    "generated/replace-file.ts": copyOf("cli", "replace-file.ts"),
    "generated/markup.ts": copyOf("provider/diagnosis/html", "markup.ts"),
    "generated/nearest.ts": copyOf("provider/core", "nearest.ts"),
    "generated/style.ts": copyOf("provider/diagnosis/html", "style.ts"),
  };
}

/** A file with which what both packages print looks the same. */
function copyOf(folder: string, name: string): string {
  const text = readFileSync(join(__dirname, "../..", folder, name), "utf8");
  return `/* Copied from ${folder} by \`npm run docs\`; do not edit. */\n\n${text}`;
}

function errorKinds(): string {
  const codesOf = (kinds: readonly string[]) =>
    Object.entries(CATALOGUE)
      .filter(([, { kind }]) => kinds.includes(kind))
      .map(([code]) => `  "${code}",\n`)
      .join("");
  return `/* Generated from provider/core/errors by \`npm run docs\`; do not edit. */

/** Codes of failures to reach an appliance or a router. */
export const UNREACHABLE_CODES: readonly string[] = [
${codesOf(["access"])}];

/** Codes of changes whose outcome could not be read. */
export const UNKNOWN_CODES: readonly string[] = [
${codesOf(["outcome", "timeout"])}];
`;
}
