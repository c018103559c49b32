export { CATALOGUE, type ErrorCode, entryOf, type JoinRequestErrorCode } from "./catalogue";
export type { ErrorEntry, ErrorKind } from "./entry";
export { causeOf, type FailureText, failureLine, messageOf, PartialFailure, SafeguardError } from "./safeguard-error";
