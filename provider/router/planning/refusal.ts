import { type ErrorCode, SafeguardError } from "../../core/errors";

/** The error for a change that is refused before anything was changed. `remedy` replaces the default remedy. */
export function refusal(code: ErrorCode, object: string, cause: string, remedy?: string): SafeguardError {
  return new SafeguardError({
    code,
    object,
    step: "check the router",
    cause,
    ...(remedy !== undefined && { remedy }),
  });
}
