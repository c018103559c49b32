import { z } from "zod";
import { nearest, unknownProperty } from "../generated/nearest";
import { type Definition, definition, type SiteDefinition, site } from "./definition";

export type Checked<T> = { ok: true; value: T } | { ok: false; problems: string[] };

/**
 * Checks the content of `rollout.yaml`. Problems read `line 4: Invalid value for waves[0].percent: 120. Allowed values are: 1 to 100.`, without
 * the line where it is unknown.
 */
export function checkDefinition(
  content: unknown,
  lineOf?: (path: readonly PropertyKey[]) => number,
): Checked<Definition> {
  return check(definition, content, (path) => (lineOf ? `line ${lineOf(path)}: ` : ""));
}

/** Checks one site of a CSV file or a glob; `origin` names its place in messages, such as `sites.csv line 3`. */
export function checkSite(content: unknown, origin: string): Checked<SiteDefinition> {
  return check(site, content, () => `${origin}: `);
}

/** The JSON Schema of `rollout.yaml` for editors. */
export function definitionSchema(): object {
  return z.toJSONSchema(definition, { io: "input" });
}

interface Problem {
  path: readonly PropertyKey[];
  text: string;
  /** The path of the property that a misspelt one stands for. */
  meant?: string | undefined;
  /** Set where the properties of a group do not go together. */
  isChoice?: true;
}

function check<Output>(
  schema: z.ZodType<Output>,
  content: unknown,
  prefixOf: (path: readonly PropertyKey[]) => string,
): Checked<Output> {
  const parsed = schema.safeParse(content);
  if (parsed.success) return { ok: true, value: parsed.data };
  const names = () => z.toJSONSchema(schema, { io: "input" }) as SchemaPart;
  const found = parsed.error.issues.flatMap((issue) => problemsOf(issue, [], content, names));
  // What is missing because it is misspelt is no mistake of its own.
  const meant = new Set(found.flatMap((one) => one.meant ?? []));
  const isMeant = ({ path, isChoice }: Problem) =>
    isChoice
      ? [...meant].some((one) => one.startsWith(`${textOf(path)}.`))
      : meant.has(textOf(path)) && valueAt(path, content) === undefined;
  const reported = found.filter((one) => !isMeant(one));
  return { ok: false, problems: [...new Set(reported.map(({ path, text }) => prefixOf(path) + text))] };
}

function problemsOf(
  issue: z.core.$ZodIssue,
  outer: readonly PropertyKey[],
  content: unknown,
  schema: () => SchemaPart,
): Problem[] {
  const path = [...outer, ...issue.path];
  if (issue.code === "unrecognized_keys") {
    const names = propertiesAt(path, schema());
    return issue.keys.map((key) => {
      const meant = nearest(key, names);
      const own = [...path, key];
      // Of another form than the properties beside it.
      if (names.includes(key))
        return {
          path: own,
          text: `${textOf(own)}: it does not go with the others of ${textOf(path)}; remove it or them.`,
        };
      return { path: own, text: unknownProperty(textOf(own), key, names), meant: meant && textOf([...path, meant]) };
    });
  }
  if (issue.code === "invalid_union") {
    // Of a list or a group, only the forms of that kind say something about the mistake.
    const value = valueAt(path, content);
    const best = issue.errors.filter((issues) =>
      issues.every(({ path: inner }) => inner.length > 0 || !isOtherKind(issues)),
    );
    const closest = [...best].sort((left, right) => left.length - right.length)[0];
    if (closest && typeof value === "object" && value !== null)
      return closest.flatMap((inner) => problemsOf(inner, path, content, schema));
  }
  if (issue.code === "custom")
    return [{ path, text: [textOf(path), issue.message].filter(Boolean).join(": "), isChoice: true }];
  if (issue.code === "invalid_key")
    return [
      { path, text: `Invalid name in ${textOf(path.slice(0, -1))}. Allowed values are: text that is not empty.` },
    ];
  const shown = shownValue(valueAt(path, content), issue);
  const text = `Invalid value for ${textOf(path) || "the file"}${shown}. Allowed values are: ${allowedBy(issue)}.`;
  return [{ path, text }];
}

/** As much of a JSON Schema as is needed to find the names of properties. */
interface SchemaPart {
  properties?: Readonly<Record<string, SchemaPart>>;
  items?: SchemaPart;
  anyOf?: readonly SchemaPart[];
}

/** The names of the properties that a group may have, whichever of its forms is meant. */
function propertiesAt(path: readonly PropertyKey[], schema: SchemaPart): string[] {
  const forms = path.reduce<readonly SchemaPart[]>(
    (parts, step) =>
      parts
        .flatMap(formsOf)
        .flatMap((part) => (typeof step === "number" ? part.items : part.properties?.[String(step)]) ?? []),
    [schema],
  );
  return forms.flatMap(formsOf).flatMap(({ properties = {} }) => Object.keys(properties));
}

const formsOf = (part: SchemaPart) => part.anyOf ?? [part];

const isOtherKind = (issues: readonly z.core.$ZodIssue[]) =>
  issues.some(({ code, path }) => code === "invalid_type" && path.length === 0);

function allowedBy(issue: z.core.$ZodIssue): string {
  if (issue.code !== "invalid_type" || !issue.message.startsWith("Invalid input")) return issue.message;
  if (issue.expected === "object" || issue.expected === "record") return "a group of properties";
  return issue.expected === "array" ? "a list" : issue.expected === "string" ? "text" : issue.expected;
}

function shownValue(value: unknown, issue: z.core.$ZodIssue): string {
  if (value === undefined) return ": it is missing";
  if (value === null) return ": it is empty";
  if (Array.isArray(value)) return value.length === 0 ? ": it is an empty list" : ": it is a list";
  if (typeof value === "object") return ": it is a group";
  const text = String(value);
  // A URL may hold a password, and nothing that moves the cursor of a terminal is shown.
  if (text.length > 60 || /@|:\/\/.*[?#]|\p{C}/u.test(text)) return "";
  if (text === "") return ": empty text";
  const isOtherType = issue.code === "invalid_type" && /^(string|number|int|boolean)$/.test(issue.expected);
  if (isOtherType && typeof value === "string") return `: ${JSON.stringify(text)}, which is text`;
  if (isOtherType) return `: ${text}, which is ${typeof value === "number" ? "a number" : "true or false"}`;
  return `: ${text.trim() === text ? text : JSON.stringify(text)}`;
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
