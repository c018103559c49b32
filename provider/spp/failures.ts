import { SafeguardError } from "../core/errors";

/** All refusals of SPP, each with one text and one code (SPP REST reference §2.2, §3). */
const FAILURES = {
  credentials: {
    code: "SG2001",
    cause: (user: string) => `user ${user} was refused`,
    remedy: "correct username or password; five wrong ones lock the account for 15 minutes",
  },
  secondFactor: {
    code: "SG2002",
    cause: (user: string) => `user ${user} needs a second factor`,
    remedy: "use an account for unattended programs, without a second factor",
  },
  throttled: {
    code: "SG2003",
    cause: (user: string) => `too many logins of user ${user} in a short time`,
    remedy: "wait some minutes, then run pulumi up again",
  },
  notSpp: {
    code: "SG2004",
    cause: () => "what answers there is not an SPP appliance",
    remedy: "correct address and port; SPP answers at /service/notification/v4/Status",
  },
  unavailable: {
    code: "SG2005",
    cause: (status: string) => `it answered ${status}`,
    remedy: "check the state of the appliance, then run pulumi up again",
  },
  permission: {
    code: "SG2006",
    cause: (what: string) => `the account lacks a permission (${what})`,
    remedy: "give it the Appliance and Operations permissions",
  },
  replica: {
    code: "SG2007",
    cause: () => "the appliance is a replica, and only the primary accepts this",
    remedy: "point spp.address at the primary",
  },
  refused: {
    code: "SG2008",
    cause: (what: string) => `it refused: ${what}`,
    remedy: "correct what the answer names",
  },
  sessionEnded: {
    code: "SG2009",
    cause: () => "the session expired",
    remedy: "run pulumi up again",
  },
} as const;

export type SppFailureName = keyof typeof FAILURES;

/** An SPP failure with its code, cause and remedy; `detail` completes the cause and must not be secret. */
export function sppFailure(name: SppFailureName, object: string, step: string, detail = ""): SafeguardError {
  const { code, cause, remedy } = FAILURES[name];
  return new SafeguardError({ code, object, step, cause: cause(detail), remedy });
}
