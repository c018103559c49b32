import { z } from "zod";

/** The part of JSON Schema that fields use, and the marks `secret` and `access`. */
export interface JsonSchema {
  type?: "string" | "integer" | "number" | "boolean" | "array" | "object";
  const?: unknown;
  enum?: readonly unknown[];
  minimum?: number;
  maximum?: number;
  pattern?: string;
  format?: string;
  items?: JsonSchema;
  minItems?: number;
  properties?: Record<string, JsonSchema>;
  required?: readonly string[];
  additionalProperties?: boolean | JsonSchema;
  anyOf?: readonly JsonSchema[];
  allOf?: readonly JsonSchema[];
  not?: JsonSchema;
  default?: unknown;
  description?: string;
  /** The allowed values in words, for messages and pages. */
  allowed?: string;
  /** True where the value is never shown, and encrypted in states. */
  secret?: boolean;
  /** True where the value controls the access to an appliance, not its settings. */
  access?: boolean;
}

/** What a field keeps of the schema that it checks by itself. */
export type Inside = { description: string } & ({ element: z.ZodType; minItems: number } | { group: z.ZodType });

const known = new WeakMap<z.ZodType, JsonSchema>();

/** A schema as JSON Schema of the inputs. Plain data, computed once. */
export function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  const before = known.get(schema);
  if (before) return before;
  const { $schema: _draft, ...made } = z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema }) =>
      complete(zodSchema as unknown as z.ZodType, jsonSchema as JsonSchema & Partial<Inside>),
  });
  known.set(schema, made as JsonSchema);
  return made as JsonSchema;
}

/** Adds the parts that zod does not see: the inside of lists and groups, and defaults of fields that transform. */
function complete(schema: z.ZodType, json: JsonSchema & { element?: unknown; group?: unknown }): void {
  const { element, group, description } = json;
  delete json.element;
  delete json.group;
  if (element instanceof z.ZodType) Object.assign(json, { type: "array", items: jsonSchemaOf(element) });
  if (group instanceof z.ZodType) Object.assign(json, jsonSchemaOf(group), { description });
  if (schema instanceof z.ZodDefault) json.default = schema.def.defaultValue;
}

/** Paths of everything that carries a mark, with `[]` for elements of lists: `members[].connection.password`. */
export function markedPaths(schema: z.ZodType, mark: "secret" | "access"): ReadonlySet<string> {
  return new Set(pathsIn(jsonSchemaOf(schema), mark, ""));
}

function pathsIn(schema: JsonSchema, mark: "secret" | "access", path: string): string[] {
  if (schema[mark]) return [path];
  const members = Object.entries(schema.properties ?? {}).flatMap(([key, member]) =>
    pathsIn(member, mark, path === "" ? key : `${path}.${key}`),
  );
  return [...members, ...(schema.items ? pathsIn(schema.items, mark, `${path}[]`) : [])];
}

/** Paths of the secrets of a resource, for example `centralManagement.password`. */
export const secretPaths = (schema: z.ZodType) => markedPaths(schema, "secret");

/** Tells whether a path such as `members[0].connection.port` is marked, or is below one that is. */
export function isMarked(path: string, marked: ReadonlySet<string>): boolean {
  const generic = path.replace(/\[\d+\]/g, "[]");
  return [...marked].some((one) => generic === one || generic.startsWith(`${one}.`) || generic.startsWith(`${one}[`));
}

/** The same value without its members that say how to reach an appliance, so that the rest can be used while they are unknown. */
export function withoutAccess<T>(value: T, schema: z.ZodType): T {
  const marked = markedPaths(schema, "access");
  const rest = (inner: unknown, path: string): unknown => {
    if (Array.isArray(inner)) return inner.map((element) => rest(element, `${path}[]`));
    if (inner === null || typeof inner !== "object") return inner;
    const members = Object.entries(inner).map(([key, member]) => [path === "" ? key : `${path}.${key}`, key, member]);
    const kept = members.filter(([own]) => !marked.has(own));
    return Object.fromEntries(kept.map(([own, key, member]) => [key, rest(member, own)]));
  };
  return rest(value, "") as T;
}
