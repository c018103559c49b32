import type { z } from "zod";
import { configurationKey, settingsSchema, variableOf } from "../../provider/core/settings";
import { resources } from "../../provider/resources";
import { functions } from "../../provider/resources/functions";
import { type DocumentedField, documentedFields } from "./schema-table";
import { type DeclaredMember, readSite } from "./site-page";

const NOTICE = "<!-- Written by `npm run docs` from the schemas; change the schema, not this page. -->";

/** The reference pages by file name: one a resource, one a function, one for Site and one for the settings. */
export function resourcePages(): Record<string, string> {
  const pages = Object.values(resources).map(({ name, description, inputs, outputs }) => [
    `resources/${fileName(name)}.md`,
    page(name, description, [...inputSection(inputs), ...outputSection(outputs)]),
  ]);
  const calls = Object.values(functions).map(({ name, description, inputs, outputs }) => [
    `resources/function-${fileName(name)}.md`,
    page(`Function ${name}`, description, [...inputSection(inputs), ...outputSection(outputs)]),
  ]);
  return Object.fromEntries([
    ...pages,
    ...calls,
    ["resources/site.md", sitePage()],
    ["resources/settings.md", settingsPage()],
  ]);
}

/** The name of a page: `SpsCluster` is `sps-cluster`. */
export const fileName = (name: string) => name.replace(/(?<!^)[A-Z]/g, "-$&").toLowerCase();

function page(title: string, about: string, sections: readonly string[], notice = NOTICE): string {
  return [`# ${title}`, "", notice, "", about, "", ...sections].join("\n");
}

function inputSection(schema: z.ZodType): string[] {
  const rows = documentedFields(schema).map(
    ({ path, required, type, allowed, default: value, meaning }) =>
      `| \`${path}\` | ${required ? "yes" : ""} | ${type} | ${cell(allowed)} | ${value === undefined ? "" : `\`${value}\``} | ${cell(meaning)} |`,
  );
  return table("Inputs", ["input", "required", "type", "allowed values", "default", "meaning"], rows);
}

function outputSection(schema: z.ZodType): string[] {
  const rows = documentedFields(schema).map(
    (field) =>
      `| \`${field.path}\` | ${field.type}${isAlways(field) ? "" : ", may be absent"} | ${cell(field.meaning)} |`,
  );
  return rows.length === 0 ? [] : table("Outputs", ["output", "type", "meaning"], rows);
}

const isAlways = ({ required }: DocumentedField) => required;

function sitePage(): string {
  const { description, inputs, members } = readSite();
  const rows = (declared: readonly DeclaredMember[]) =>
    declared.map(({ name, required, type, meaning }) => [`\`${name}\``, required, typeWithLinks(type), cell(meaning)]);
  const inputRows = rows(inputs).map(
    ([name, required, ...rest]) => `| ${[name, required ? "yes" : "", ...rest].join(" | ")} |`,
  );
  const memberRows = rows(members).map(([name, _required, ...rest]) => `| ${[name, ...rest].join(" | ")} |`);
  return page(
    "Site",
    description,
    [
      ...table("Inputs", ["input", "required", "type", "meaning"], inputRows),
      ...table("Members", ["member", "type", "meaning"], memberRows),
    ],
    NOTICE.replace("the schemas; change the schema", "sdk/nodejs/site.ts; change that file"),
  );
}

/** A type of TypeScript, followed by links to the pages of the resources that it names. */
function typeWithLinks(type: string): string {
  const named = Object.keys(resources).filter((name) => new RegExp(`\\b${name}(Args)?\\b`).test(type));
  return [`\`${cell(type)}\``, ...named.map((name) => `[${name}](${fileName(name)}.md)`)].join(" ");
}

function settingsPage(): string {
  const about =
    "Settings for all resources of a stack, from the stack configuration (`pulumi config set safeguard:preflight report`) or from the " +
    "environment. An input of a resource overrides the configuration, which overrides the environment. `pulumi refresh` and " +
    "`pulumi destroy` use the configuration of the last `pulumi up`, unless run with `--run-program`.";
  const rows = documentedFields(settingsSchema).map(
    ({ path, allowed, meaning }) =>
      `| \`${configurationKey(path)}\` | \`${variableOf(path)}\` | ${cell(allowed)} | ${cell(meaning)} |`,
  );
  return page(
    "Settings",
    about,
    table("Settings", ["configuration", "environment", "allowed values", "meaning"], rows),
  );
}

function table(title: string, columns: readonly string[], rows: readonly string[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [`## ${title}`, "", line(columns), line(columns.map(() => "---")), ...rows, ""];
}

const cell = (text: string) => text.replaceAll("|", "\\|");
