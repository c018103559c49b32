import { type ErrorCode, SafeguardError } from "../core/errors";

/** All refusals of SPP with their codes; `detail` completes the cause (SPP REST reference §2.2, §3). */
const FAILURES = {
  credentials: ["SG2001", (user) => `user ${user} was refused`],
  secondFactor: ["SG2002", (user) => `user ${user} needs a second factor`],
  throttled: ["SG2003", (user) => `too many logins of user ${user} in a short time`],
  notSpp: ["SG2004", () => "the server there is not an SPP appliance"],
  unavailable: ["SG2005", (status) => `it answered ${status}`],
  permission: ["SG2006", (lack) => `the account lacks a permission (${lack})`],
  replica: ["SG2007", () => "the appliance is a replica, and only the primary accepts this"],
  refused: ["SG2008", (answer) => `it refused: ${answer}`],
  identityProvider: ["SG2012", (detail) => detail],
  sessionEnded: ["SG2009", () => "the session expired"],
} as const satisfies Record<string, [ErrorCode, (detail: string) => string]>;

export type SppFailureName = keyof typeof FAILURES;

/** An SPP failure; `detail` must not be secret. */
export function sppFailure(name: SppFailureName, object: string, step: string, detail = ""): SafeguardError {
  const [code, cause] = FAILURES[name];
  return new SafeguardError({ code, object, step, cause: cause(detail) });
}
