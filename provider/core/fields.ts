import { Address4 } from "ip-address";
import { z } from "zod";
import type { Inside, JsonSchema } from "./json-schema";
import { UNKNOWN, type Unknown } from "./unknown";

/** Checks a single value: returns the canonical value, UNKNOWN while a part of it is unknown, undefined when it is not allowed. */
type Accept<T> = (value: unknown) => T | Unknown | undefined;

/** Marks an issue whose message lists the allowed values. */
export const ALLOWED_VALUES = "safeguard:allowed-values";

/** The type of a single value as JSON Schema, and `allowed`, which completes the sentence "Allowed values are: …". */
export type Shape = Pick<
  JsonSchema,
  "type" | "const" | "enum" | "minimum" | "maximum" | "pattern" | "format" | "anyOf"
> & {
  allowed: string;
};

/**
 * A single input value. Unknown values pass: in a preview they may come from a resource that does not exist yet.
 * `shape` is for generated schemas and messages; `accept` decides, and may be stricter than the shape can express. `explain` gives the
 * reason and the remedy for a wrong value that is a known mistake; it must not show the value of a secret.
 */
export function field<T>(
  accept: Accept<T>,
  shape: Shape,
  meaning: string,
  explain: (value: unknown) => string | undefined = () => undefined,
): z.ZodType<T | Unknown, T> {
  return z
    .unknown()
    .transform((value, issues) => {
      if (value === UNKNOWN) return UNKNOWN;
      const accepted = accept(value);
      if (accepted !== undefined) return accepted;
      const reason = explain(value);
      if (reason !== undefined) issues.addIssue({ code: "custom", message: reason });
      else issues.addIssue({ code: "custom", message: shape.allowed, params: { kind: ALLOWED_VALUES } });
      return z.NEVER;
    })
    .meta({ ...shape, description: meaning }) as unknown as z.ZodType<T | Unknown, T>;
}

/** A list that may as a whole, or in any element, be unknown. */
export function listOf<Output, Input>(
  element: z.ZodType<Output, Input>,
  meaning: string,
  minimum = 1,
): z.ZodType<Output[] | Unknown, Input[]> {
  // Made once: building a schema takes longer than parsing with it.
  const list = z.array(element).min(minimum);
  return z
    .unknown()
    .transform((value, issues) => {
      if (value === UNKNOWN) return UNKNOWN;
      const parsed = list.safeParse(value);
      if (parsed.success) return parsed.data;
      const shape = `a list with at least ${minimum} element${minimum === 1 ? "" : "s"}`;
      for (const issue of parsed.error.issues) forward(issue, shape, issues);
      return z.NEVER;
    })
    .meta({ description: meaning, element, minItems: minimum } satisfies Inside) as unknown as z.ZodType<
    Output[] | Unknown,
    Input[]
  >;
}

/** A group of fields that may be unknown as a whole. */
export function unknownOr<Output, Input>(
  group: z.ZodType<Output, Input>,
  meaning: string,
): z.ZodType<Output | Unknown, Input> {
  return z
    .unknown()
    .transform((value, issues) => {
      if (value === UNKNOWN) return UNKNOWN;
      const parsed = group.safeParse(value);
      if (parsed.success) return parsed.data;
      for (const issue of parsed.error.issues) forward(issue, "an object", issues);
      return z.NEVER;
    })
    .meta({ description: meaning, group } satisfies Inside) as unknown as z.ZodType<Output | Unknown, Input>;
}

/** JSON Schema of an IPv4 address in dotted form. */
export const IPV4_SHAPE = { type: "string", format: "ipv4" } as const;

/** JSON Schema of an IPv4 network; that its host bits are zero cannot be expressed. */
export const NETWORK_SHAPE = { type: "string", pattern: "^\\d{1,3}(\\.\\d{1,3}){3}/\\d{1,2}$" } as const;

/** Marks a field as secret: never shown, encrypted in states. */
export function secret<Schema extends z.ZodType>(schema: Schema): Schema {
  return schema.meta({ ...schema.meta(), secret: true });
}

/** Marks a field that controls the access to an appliance, not its settings: its update touches no appliance. */
export function access<Schema extends z.ZodType>(schema: Schema): Schema {
  return schema.meta({ ...schema.meta(), access: true });
}

/** Inputs of another resource of the same program, which validates them. */
export function otherInputs<T extends object>(meaning: string) {
  const isObject = (value: unknown) => value !== null && typeof value === "object" && !Array.isArray(value);
  const accept: Accept<T> = (value) => (isObject(value) ? (value as T) : undefined);
  return field<T>(accept, { type: "object", allowed: "an object" }, meaning);
}

/** One of the given words. */
export function oneOf<const Word extends string>(words: readonly Word[], meaning: string) {
  const shape: Shape = { type: "string", enum: words, allowed: words.join(", ") };
  return field<Word>((value) => words.find((word) => word === value), shape, meaning);
}

/** A whole number in a range, both ends included. */
export function wholeNumber(minimum: number, maximum: number, meaning: string) {
  const accept: Accept<number> = (value) =>
    typeof value === "number" && Number.isInteger(value) && value >= minimum && value <= maximum ? value : undefined;
  return field<number>(accept, { type: "integer", minimum, maximum, allowed: `${minimum} to ${maximum}` }, meaning);
}

/** A TCP port. */
export const port = (meaning: string) => wholeNumber(1, 65535, meaning);

/** True or false. */
export function flag(meaning: string) {
  const shape: Shape = { type: "boolean", allowed: "true, false" };
  return field<boolean>((value) => (typeof value === "boolean" ? value : undefined), shape, meaning);
}

/** Text that matches a pattern, which has no flags. */
export function text(pattern: RegExp, allowed: string, meaning: string) {
  const shape: Shape = { type: "string", pattern: pattern.source, allowed };
  return field<string>(
    (value) => (typeof value === "string" && pattern.test(value) ? value : undefined),
    shape,
    meaning,
  );
}

/** Any text that is not empty. */
export const someText = (meaning: string) => text(/\S/, "text that is not empty", meaning);

/** An IPv4 address in dotted form; the products and this provider do not support IPv6 for joins and redirections. */
export function ipv4(meaning: string) {
  return field<string>(
    (value) => (isIpv4(value) ? value : undefined),
    { ...IPV4_SHAPE, allowed: "an IPv4 address such as 10.0.0.1 (IPv6 is not supported)" },
    meaning,
  );
}

/** Tells whether a value is an IPv4 address in dotted form, without a prefix length. */
export function isIpv4(value: unknown): value is string {
  return typeof value === "string" && !value.includes("/") && Address4.isValid(value);
}

/** Reports an issue of an inner schema; `shape` describes the allowed value. */
function forward(issue: z.core.$ZodIssue, shape: string, issues: z.core.$RefinementCtx): void {
  const path = [...issue.path];
  if (issue.code === "unrecognized_keys") {
    issues.addIssue({ code: "unrecognized_keys", keys: [...issue.keys], path });
  } else if (issue.code === "custom") {
    issues.addIssue({ code: "custom", path, message: issue.message, params: issue.params });
  } else {
    const isElement = path.length > 0;
    const allowed = isElement ? elementShape(issue) : shape;
    issues.addIssue({ code: "custom", path, message: allowed, params: { kind: ALLOWED_VALUES } });
  }
}

function elementShape(issue: z.core.$ZodIssue): string {
  if (issue.code !== "invalid_type") return issue.message.toLowerCase();
  return issue.expected === "object" ? "an object" : `a value of type ${issue.expected}`;
}
