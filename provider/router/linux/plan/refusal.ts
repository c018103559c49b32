import { type ErrorCode, SafeguardError } from "../../../core/errors";

/** The error for a change that is refused before anything was changed. `remedy` replaces the default remedy. */
export function refusal(
  code: ErrorCode,
  { object }: { object: string },
  cause: string,
  remedy?: string,
): SafeguardError {
  const step = "check the router";
  return new SafeguardError({ code, object, step, cause, ...(remedy !== undefined && { remedy }) });
}
