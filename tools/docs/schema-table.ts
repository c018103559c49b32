import type { z } from "zod";
import { type JsonSchema, jsonSchemaOf } from "../../provider/core/json-schema";

/** One property as the documentation shows it. */
export interface DocumentedField {
  /** Path with `[]` for list elements, such as `members[].searchRole`. */
  path: string;
  required: boolean;
  type: string;
  allowed: string;
  /** Default as JSON; undefined where there is none. */
  default: string | undefined;
  meaning: string;
}

/** Every property of a schema, with those of groups and of list elements after the group. */
export function documentedFields(schema: z.ZodType): DocumentedField[] {
  return membersOf(jsonSchemaOf(schema), "");
}

function membersOf(schema: JsonSchema, path: string): DocumentedField[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, member]) => {
    const own = path === "" ? name : `${path}.${name}`;
    return rowsOf(member, own, schema.required?.includes(name) ?? false);
  });
}

function rowsOf(schema: JsonSchema, path: string, required: boolean): DocumentedField[] {
  const { properties, items, default: value } = schema;
  const isLeaf = value !== undefined && properties === undefined;
  const row: DocumentedField = {
    path,
    required,
    type: typeText(schema),
    allowed: allowedText(schema),
    default: isLeaf ? JSON.stringify(value) : undefined,
    meaning: schema.description ?? "",
  };
  return [row, ...membersOf(schema, path), ...(items?.properties ? membersOf(items, `${path}[]`) : [])];
}

function typeText({ type, items, anyOf, allowed, enum: words }: JsonSchema): string {
  // Inputs have a column of their own for it.
  if (words && allowed === undefined) return words.map((word) => JSON.stringify(word)).join(" or ");
  if (type === "array") return `list of ${items ? typeText(items) : "values"}`;
  return type ?? (anyOf ? anyOf.map(typeText).join(" or ") : "any");
}

function allowedText({ allowed, items, type }: JsonSchema): string {
  if (allowed !== undefined) return allowed;
  if (type === "object") return "an object";
  if (type !== "array") return "";
  return items?.properties ? "a list of objects" : `a list of: ${items?.allowed ?? "values"}`;
}
