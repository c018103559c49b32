import { z } from "zod";
import type { Documentation } from "../../provider/core/fields";

/** One input as the documentation shows it. */
export interface DocumentedField {
  /** Path with `[]` for list elements, such as `members[].searchRole`. */
  path: string;
  required: boolean;
  allowed: string;
  /** Default as JSON; undefined where there is none. */
  default: string | undefined;
  meaning: string;
}

/** Every input of a resource, read from its schema, which is the one place where they are described. */
export function documentedFields(schema: z.ZodType, path = ""): DocumentedField[] {
  const { inner, required, defaultValue, meaning } = unwrap(schema);
  const entry = (allowed: string): DocumentedField => ({ path, required, allowed, default: defaultValue, meaning });
  if (inner instanceof z.ZodObject) {
    const own = path === "" ? [] : [entry("an object")];
    return [
      ...own,
      ...Object.entries(inner.shape).flatMap(([key, member]) =>
        documentedFields(member as z.ZodType, path === "" ? key : `${path}.${key}`),
      ),
    ];
  }
  const made = z.globalRegistry.get(inner)?.documentation as Documentation | undefined;
  if (made && "element" in made) {
    const element = documentedFields(made.element, `${path}[]`);
    const [first, ...rest] = element;
    const allowed = first?.allowed === "an object" ? "a list of objects" : `a list of: ${first?.allowed ?? "values"}`;
    return [entry(allowed), ...rest];
  }
  if (made && "group" in made) {
    return [entry("an object"), ...documentedFields(made.group, path).slice(1)];
  }
  return [entry(made?.allowed ?? "see the text")];
}

/** Looks inside what makes a field optional or gives it a default. */
function unwrap(schema: z.ZodType) {
  let inner = schema;
  let required = true;
  let defaultValue: string | undefined;
  let meaning = schema.description ?? "";
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault) {
    required = false;
    if (inner instanceof z.ZodDefault) defaultValue = JSON.stringify(inner.def.defaultValue);
    inner = inner.def.innerType as z.ZodType;
    meaning ||= inner.description ?? "";
  }
  return { inner, required, defaultValue, meaning };
}
