import { secretPaths } from "../../provider/core/json-schema";
import { resources } from "../../provider/resources";
import { fileName } from "./resource-pages";
import { documentedFields } from "./schema-table";

/**
 * The generated part of the published classes by file name below `sdk/nodejs`: a base class with a member for each output,
 * and which inputs are secret. Plain TypeScript, because the classes load neither schemas nor zod.
 */
export function sdkFiles(): Record<string, string> {
  return Object.fromEntries(
    Object.values(resources).map((resource) => [`outputs/${fileName(resource.name)}.ts`, render(resource)]),
  );
}

type Resource = (typeof resources)[keyof typeof resources];

function render({ name, description, inputs, outputs }: Resource): string {
  const type = `${name}Outputs`;
  const members = documentedFields(outputs).filter(({ path }) => !/[.[]/.test(path));
  const declarations = members.flatMap(({ path, meaning }) => [
    ...comment(meaning, "  "),
    `  declare public readonly ${path}: pulumi.Output<Outputs["${path}"]>;`,
  ]);
  const file = fileName(name);
  return `${[
    "// Written by `npm run docs` from the schemas; change the schema, not this file.",
    ...(members.length > 0
      ? [
          'import type * as pulumi from "@pulumi/pulumi";',
          `import type { ${type} as Outputs } from "../../../provider/resources/${file}/schema";`,
        ]
      : []),
    'import { SafeguardResource } from "../resource";',
    "",
    ...comment(description, ""),
    ...(declarations.length > 0
      ? [`export abstract class ${type} extends SafeguardResource {`, ...declarations, "}"]
      : [`export abstract class ${type} extends SafeguardResource {}`]),
    "",
    "/** Every output as undefined: a dynamic resource has only the outputs that its inputs name. */",
    outputsOf(members.map(({ path }) => path)),
    "",
    "/** Paths of the inputs that are secret; `[]` stands for every element. */",
    ...list("secrets", [...secretPaths(inputs)]),
  ].join("\n")}\n`;
}

function outputsOf(names: readonly string[]): string {
  return names.length === 0
    ? "export const outputs = {};"
    : `export const outputs = {\n${names.map((name) => `  ${name}: undefined,`).join("\n")}\n};`;
}

function list(name: string, items: readonly string[]): string[] {
  const one = `export const ${name}: readonly string[] = [${items.map((item) => JSON.stringify(item)).join(", ")}];`;
  if (one.length <= WIDTH) return [one];
  return [`export const ${name}: readonly string[] = [`, ...items.map((item) => `  ${JSON.stringify(item)},`), "];"];
}

const WIDTH = 120;

/** A documentation comment, wrapped as the formatter leaves it. */
function comment(text: string, indent: string): string[] {
  const one = `${indent}/** ${text} */`;
  if (one.length <= WIDTH) return [one];
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    const longer = `${last} ${word}`;
    if (last !== undefined && `${indent} * ${longer}`.length <= WIDTH) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return [`${indent}/**`, ...lines.map((line) => `${indent} * ${line}`), `${indent} */`];
}
