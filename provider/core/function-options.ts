import type { z } from "zod";
import type { Known } from "./unknown";
import { validate } from "./validate";

/**
 * The options of a function with their defaults.
 * @throws TypeError when they are not valid, naming each property
 */
export function checkedOptions<Schema extends z.ZodType>(schema: Schema, options: unknown): Known<z.output<Schema>> {
  const validated = validate(schema, options);
  if (!validated.ok) throw new TypeError(validated.failures.map(({ reason }) => reason).join(" "));
  // Nothing here comes from an engine, so nothing is unknown.
  return validated.value as Known<z.output<Schema>>;
}
