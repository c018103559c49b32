import type { JsonObject } from "./json";

/** An error response of SPS: an HTTP status and the `error` member of the body. */
export class SpsRefusal extends Error {
  constructor(
    /** HTTP status. */
    readonly status: number,
    /** Identifier in CamelCase, `error.type`. */
    readonly type: string,
    message: string,
    /** `error.details`; its members depend on the type. */
    readonly details: JsonObject = {},
  ) {
    super(message);
    this.name = "SpsRefusal";
  }
}

/** A change that is well-formed but not allowed: 400 `SemanticError`. */
export function semanticError(message: string, details: JsonObject = {}): SpsRefusal {
  return new SpsRefusal(400, "SemanticError", message, details);
}

/** A malformed body: 400. The vendor's name of this type is unknown; this name is the lab's own. */
export function malformed(message: string): SpsRefusal {
  return new SpsRefusal(400, "MalformedRequest", message);
}

/** No session, or an expired one: 401 `Unauthenticated`. */
export function unauthenticated(path: string): SpsRefusal {
  return new SpsRefusal(401, "Unauthenticated", "Log in to use this resource.", { resource: path });
}

/** A missing privilege: 403 `Unauthorized`. */
export function unauthorized(path: string): SpsRefusal {
  return new SpsRefusal(403, "Unauthorized", "The account has no privilege for this resource.", { resource: path });
}

/** An unknown path or key: 404 `NotFound`. */
export function notFound(path: string): SpsRefusal {
  return new SpsRefusal(404, "NotFound", "There is no such resource.", { resource: path });
}
