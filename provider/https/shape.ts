import type { z } from "zod";
import { SafeguardError } from "../core/errors";

/**
 * An answer in its expected shape. The error shows no values, because they may be secret.
 * @param remedy the fix for an unexpected shape
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
  const cause = `the answer has an unexpected shape at ${issue?.path.join(".") || "its root"} (${issue?.message ?? ""})`;
  throw new SafeguardError({ code: "SG1012", object, step, cause, remedy });
}
