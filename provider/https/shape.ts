import type { z } from "zod";
import { SafeguardError } from "../core/errors";

/**
 * An answer in the shape it must have. Values are not shown in the error, for they may be secret.
 * @param remedy what to do about another shape
 * @throws SafeguardError SG1012
 */
export function inShape<T extends z.ZodType>(
  shape: T,
  value: unknown,
  { object, step, remedy }: { object: string; step: string; remedy: string },
): z.output<T> {
  const parsed = shape.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const cause = `the answer has an unknown shape at ${issue?.path.join(".") || "its top"} (${issue?.message ?? ""})`;
  throw new SafeguardError({ code: "SG1012", object, step, cause, remedy });
}
