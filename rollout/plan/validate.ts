import { z } from "zod";
import { type Definition, definition, type SiteDefinition, site } from "./definition";

export type Checked<T> = { ok: true; value: T } | { ok: false; problems: string[] };

/** Checks the content of `rollout.yaml`. Problems read `Invalid value for waves[0].percent: 120. Allowed values are: 1 to 100.` */
export function checkDefinition(content: unknown): Checked<Definition> {
  return check(definition, content, "");
}

/** Checks one site of a CSV file or a glob; `origin` names its place in messages, such as `sites.csv line 3`. */
export function checkSite(content: unknown, origin: string): Checked<SiteDefinition> {
  return check(site, content, `${origin}: `);
}

/** The JSON Schema of `rollout.yaml` for editors. */
export function definitionSchema(): object {
  return z.toJSONSchema(definition, { io: "input" });
}

function check<Output>(schema: z.ZodType<Output>, content: unknown, prefix: string): Checked<Output> {
  const parsed = schema.safeParse(content);
  if (parsed.success) return { ok: true, value: parsed.data };
  const problems = parsed.error.issues.flatMap((issue) => sentences(issue, [], content)).map((line) => prefix + line);
  return { ok: false, problems: [...new Set(problems)] };
}

function sentences(issue: z.core.$ZodIssue, outer: readonly PropertyKey[], content: unknown): string[] {
  const path = [...outer, ...issue.path];
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => `Unknown property ${textOf([...path, key])}. Remove it or correct its name.`);
  if (issue.code === "invalid_union") {
    // Of a list or a group, only the forms of that kind say something about the mistake.
    const value = valueAt(path, content);
    const best = issue.errors.filter((issues) =>
      issues.every(({ path: inner }) => inner.length > 0 || !isOtherKind(issues)),
    );
    const closest = [...best].sort((left, right) => left.length - right.length)[0];
    if (closest && typeof value === "object" && value !== null)
      return closest.flatMap((inner) => sentences(inner, path, content));
  }
  const shown = shownValue(valueAt(path, content));
  return [`Invalid value for ${textOf(path) || "the file"}${shown}. Allowed values are: ${allowedBy(issue)}.`];
}

const isOtherKind = (issues: readonly z.core.$ZodIssue[]) =>
  issues.some(({ code, path }) => code === "invalid_type" && path.length === 0);

function allowedBy(issue: z.core.$ZodIssue): string {
  if (issue.code !== "invalid_type" || !issue.message.startsWith("Invalid input")) return issue.message;
  if (issue.expected === "object" || issue.expected === "record") return "a group of properties";
  return issue.expected === "array" ? "a list" : issue.expected === "string" ? "text" : issue.expected;
}

function shownValue(value: unknown): string {
  if (value === undefined) return ": it is missing";
  if (value === null) return ": it is empty";
  if (typeof value === "object") return Array.isArray(value) ? ": it is a list" : ": it is a group";
  const text = String(value);
  return text.length > 60 ? "" : `: ${text === "" ? "empty text" : text}`;
}

function valueAt(path: readonly PropertyKey[], content: unknown): unknown {
  return path.reduce<unknown>(
    (value, part) =>
      value !== null && typeof value === "object" ? (value as Record<PropertyKey, unknown>)[part] : undefined,
    content,
  );
}

function textOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) =>
      typeof part === "number" ? `${text}[${part}]` : text === "" ? String(part) : `${text}.${String(part)}`,
    "",
  );
}
