import type { z } from "zod";
import type { ErrorCode } from "./errors";
import { ALLOWED_VALUES } from "./fields";
import { isMarked, type JsonSchema, jsonSchemaOf, secretPaths } from "./json-schema";
import { nearest, unknownProperty } from "./nearest";

/** A reason why an input was refused, with the path of the property it is about. */
export interface InputFailure {
  /** Path in the program's own words, for example `redirections[0].ports`. */
  path: string;
  /** The whole sentence, path and remedy included; never the value of a secret. */
  reason: string;
  /** The code of the failure behind it; absent for a mistake in the inputs alone. */
  code?: ErrorCode;
}

export type Validated<T> = { ok: true; value: T } | { ok: false; failures: InputFailure[] };

/**
 * Parses inputs by their schema. Failures read `Invalid value for redirections[0].ports[1]: 70000. Allowed values
 * are: 1 to 65535.`; the value is left out where it is secret or long.
 */
export function validate<Output>(schema: z.ZodType<Output>, inputs: unknown): Validated<Output> {
  const parsed = schema.safeParse(inputs);
  if (parsed.success) return { ok: true, value: parsed.data };
  const secrets = secretPaths(schema);
  const { issues } = parsed.error;
  const meant = new Set(issues.flatMap((issue) => meantBy(issue, schema)));
  const isMisspelt = ({ path }: z.core.$ZodIssue) => meant.has(pathText(path)) && valueAt(path, inputs) === undefined;
  const told = issues.filter((issue) => !isMisspelt(issue));
  return { ok: false, failures: told.flatMap((issue) => toFailures(issue, inputs, schema, secrets)) };
}

/** The paths that misspelt properties stand for: what is missing there is no mistake of its own. */
function meantBy(issue: z.core.$ZodIssue, schema: z.ZodType): string[] {
  if (issue.code !== "unrecognized_keys") return [];
  const names = propertiesAt(issue.path, jsonSchemaOf(schema));
  return issue.keys.flatMap((key) => nearest(key, names) ?? []).map((name) => pathText([...issue.path, name]));
}

function toFailures(
  issue: z.core.$ZodIssue,
  inputs: unknown,
  schema: z.ZodType,
  secrets: ReadonlySet<string>,
): InputFailure[] {
  const path = pathText(issue.path);
  if (issue.code === "unrecognized_keys") {
    const names = propertiesAt(issue.path, jsonSchemaOf(schema));
    return issue.keys.map((key) => {
      const whole = pathText([...issue.path, key]);
      return { path: whole, reason: unknownProperty(whole, key, names) };
    });
  }
  if (issue.code === "custom" && issue.params?.kind !== ALLOWED_VALUES) {
    return [{ path, reason: path === "" ? issue.message : `${path}: ${issue.message}` }];
  }
  const allowed = issue.code === "custom" ? issue.message : shapeText(issue);
  const shown = isMarked(path, secrets) ? "" : showValue(issue.path, inputs, allowed);
  return [{ path, reason: `Invalid value for ${path || "the inputs"}${shown}. Allowed values are: ${allowed}.` }];
}

function shapeText(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_type")
    return issue.expected === "object" ? "an object" : `a value of type ${issue.expected}`;
  return issue.message.toLowerCase();
}

/** Names of the properties that a group may have. */
function propertiesAt(path: readonly PropertyKey[], schema: JsonSchema): string[] {
  const group = path.reduce<JsonSchema | undefined>(
    (outer, part) => (typeof part === "number" ? outer?.items : outer?.properties?.[String(part)]),
    schema,
  );
  return Object.keys(group?.properties ?? {});
}

function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) =>
      typeof part === "number" ? `${text}[${part}]` : text === "" ? String(part) : `${text}.${String(part)}`,
    "",
  );
}

/** The value at a path, or the last one on the way to it that has no members. */
function valueAt(path: readonly PropertyKey[], inputs: unknown): unknown {
  let value = inputs;
  for (const part of path) {
    if (value === null || typeof value !== "object") break;
    value = (value as Record<PropertyKey, unknown>)[part];
  }
  return value;
}

function showValue(path: readonly PropertyKey[], inputs: unknown, allowed: string): string {
  const value = valueAt(path, inputs);
  if (value === undefined) return ": it is missing";
  const isGroup = /^(an object|a list)\b/.test(allowed);
  if (Array.isArray(value)) return allowed.startsWith("a list") ? "" : ": it is a list";
  if (value !== null && typeof value === "object") return allowed.startsWith("an object") ? "" : ": it is an object";
  // Text in place of a group may be all of it, such as a connection as JSON with its password.
  if (typeof value === "string" && isGroup) return ": it is text";
  const shown = String(value);
  // A URL may hold a user's password, or a token.
  if (/@|:\/\/.*[?#]/.test(shown)) return "";
  if (shown.length > 80) return "";
  if (typeof value === "string") {
    const isNumberAsText = /^\s*-?\d+\s*$/.test(value) && /^\d+ to \d+/.test(allowed);
    if (isNumberAsText || /^(true|false)(, (true|false))?$/.test(allowed))
      return `: ${JSON.stringify(value)}, which is text`;
    if (value.trim() !== value) return `: ${JSON.stringify(value)}`;
  }
  return `: ${shown === "" ? "empty text" : shown}`;
}
