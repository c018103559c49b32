/** Body of an error of the core, appliance, notification and a2a services. */
export interface ApiErrorBody {
  Code: number;
  Message: string;
  InnerError: null;
  /** Only with code 70000: messages by property. */
  ModelState?: Record<string, string[]>;
}

/** An error response of the appliance. Routes throw it; the server sends it. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    /** Undefined: the response has no body, like most 404 responses. */
    readonly body?: ApiErrorBody,
  ) {
    super(body ? `${status}: ${body.Code} ${body.Message}` : String(status));
    this.name = "ApiError";
  }
}

function withCode(status: number, code: number, message: string): ApiError {
  return new ApiError(status, { Code: code, Message: message, InnerError: null });
}

/**
 * The error responses of this appliance. Statuses and codes come from the vendor's OpenAPI documents and clients. Most
 * messages are the lab's own, so clients must not depend on them.
 */
export const refusals = {
  tokenMissing: () => withCode(401, 60094, "Authorization is denied for this request."),
  roleMissing: () => withCode(403, 60108, "Authorization is required for this request."),
  /** Some resources answer 400 instead of 403 when a role is missing. */
  roleMissingAsBadRequest: () => withCode(400, 60108, "Authorization is required for this request."),
  handshakeRefused: () => withCode(403, 60108, "Authorization is required for this request."),
  replica: () => withCode(403, 60418, "This action can only be performed on the primary appliance."),
  sessionConnectionInvalid: (property: string) =>
    withCode(400, 60657, `The session connection has a missing, invalid, or non-unique value for [ ${property} ].`),
  keyMismatch: () => withCode(400, 60102, "The entity's key value does not match the resource URI."),
  bodyMissing: () => withCode(400, 60245, "The request body is missing."),
  settingValueMissing: () => withCode(400, 60090, "The setting has no value."),
  valueMissing: (name: string) => withCode(400, 70007, `The ${name} field is required.`),
  backupRunning: () => withCode(400, 60287, "The backup cannot be downloaded until it has completed."),
  /** The vendor documents the status and the message without a code; this code is the lab's own. */
  supportBundleRunning: () => withCode(429, 60000, "Only one Support Bundle can be requested at a time."),
  addressEmpty: () => withCode(400, 60318, "The network address was empty."),
  operationPending: () => withCode(400, 60910, "Another cluster operation is pending. Try again in a few minutes."),
  loginTokenMissing: () => withCode(400, 60155, "Missing 'StsAccessToken' parameter."),
  loginTokenInvalid: () => withCode(400, 60519, "Invalid STS access_token."),
  unbindable: (property: string, reason: string) =>
    new ApiError(400, {
      Code: 70000,
      Message: "The request is invalid.",
      InnerError: null,
      ModelState: { [property]: [reason] },
    }),
  orderInvalid: (property: string) => withCode(400, 70001, `Invalid order by property - '${property}' is not valid.`),
  fieldInvalid: (property: string) => withCode(400, 70002, `Invalid field property - '${property}' is not valid.`),
  guidInvalid: (name: string) => withCode(400, 70003, `The ${name} field must be a valid GUID value.`),
  operatorInvalid: (operator: string) => withCode(400, 70003, `Invalid filter operator - '${operator}' is not valid.`),
  enumInvalid: (name: string) => withCode(400, 70008, `The ${name} parameter must be a valid enum value.`),
  filterPropertyInvalid: (property: string) =>
    withCode(400, 70009, `Invalid filter property - '${property}' is not a valid filter property name.`),
  filterInvalid: (reason: string) => withCode(400, 70009, `Invalid filter - ${reason}.`),
  notFound: () => new ApiError(404),
};
