/** Body of a refusal by the core, appliance, notification and a2a services. */
export interface ApiErrorBody {
  Code: number;
  Message: string;
  InnerError: null;
  /** Only with code 70000: what could not be bound, by property. */
  ModelState?: Record<string, string[]>;
}

/** A refusal as the appliance words it. Thrown by handlers, turned into an answer by the server. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    /** Undefined: the answer has no body, as many 404s have. */
    readonly body?: ApiErrorBody,
  ) {
    super(body ? `${status}: ${body.Code} ${body.Message}` : String(status));
    this.name = "ApiError";
  }
}

function coded(status: number, code: number, message: string): ApiError {
  return new ApiError(status, { Code: code, Message: message, InnerError: null });
}

/**
 * The refusals this appliance knows. Statuses and codes are those of the vendor's OpenAPI documents and clients; the
 * words are the lab's own, but for the ones those documents quote. Clients must not read them.
 */
export const refusals = {
  tokenMissing: () => coded(401, 60094, "Authorization is denied for this request."),
  roleMissing: () => coded(403, 60108, "Authorization is required for this request."),
  /** Some resources refuse a missing role with 400 instead of 403. */
  roleMissingAsBadRequest: () => coded(400, 60108, "Authorization is required for this request."),
  handshakeRefused: () => coded(403, 60108, "Authorization is required for this request."),
  replica: () => coded(403, 60418, "This action can only be performed on the primary appliance."),
  sessionConnectionInvalid: (property: string) =>
    coded(400, 60657, `The session connection has a missing, invalid, or non-unique value for [ ${property} ].`),
  keyMismatch: () => coded(400, 60102, "The entity's key value does not match the resource URI."),
  bodyMissing: () => coded(400, 60245, "The request body is missing."),
  settingValueMissing: () => coded(400, 60090, "The setting has no value."),
  addressEmpty: () => coded(400, 60318, "The network address was empty."),
  operationPending: () => coded(400, 60910, "Another cluster operation is pending. Try again in a few minutes."),
  /** The documents promise an error body, but not which code. */
  loginTokenInvalid: () => coded(400, 60094, "The STS access token is not valid."),
  unbindable: (property: string, reason: string) =>
    new ApiError(400, {
      Code: 70000,
      Message: "The request is invalid.",
      InnerError: null,
      ModelState: { [property]: [reason] },
    }),
  orderInvalid: (property: string) => coded(400, 70001, `Invalid order by property - '${property}' is not valid.`),
  fieldInvalid: (property: string) => coded(400, 70002, `Invalid field property - '${property}' is not valid.`),
  guidInvalid: (name: string) => coded(400, 70003, `The ${name} field must be a valid GUID value.`),
  operatorInvalid: (operator: string) => coded(400, 70003, `Invalid filter operator - '${operator}' is not valid.`),
  enumInvalid: (name: string) => coded(400, 70008, `The ${name} parameter must be a valid enum value.`),
  filterInvalid: (reason: string) => coded(400, 70009, `Invalid filter property - ${reason}.`),
  notFound: () => new ApiError(404),
};
