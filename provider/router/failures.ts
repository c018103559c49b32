import { type ErrorCode, type FailureText, SafeguardError } from "../core/errors";

/** The error codes of router failures by name. */
export const ROUTER_FAILURES = {
  unreachable: "SG3001",
  unknownHostKey: "SG3002",
  wrongHostKey: "SG3003",
  loginRefused: "SG3004",
  unusablePrivateKey: "SG3005",
  noRootRights: "SG3006",
  connectionLost: "SG3007",
  tooSlow: "SG3008",
  noShell: "SG3009",
  routerLocked: "SG3010",
  revokedHostKey: "SG3011",
  unusableAgent: "SG3012",
  forwardingRefused: "SG3013",
  unreadableKnownHosts: "SG3014",
  missingTool: "SG3101",
  unreadable: "SG3102",
  missingInterface: "SG3103",
  interfaceDown: "SG3104",
  forwardingOff: "SG3105",
  nextHopOffLink: "SG3106",
  nextHopIsRouter: "SG3107",
  otherBackend: "SG3108",
  sessionsAtRisk: "SG3109",
  notPersistable: "SG3110",
  nameTaken: "SG3201",
  numberTaken: "SG3202",
  nextHopShared: "SG3203",
  redirectionOverlaps: "SG3204",
  recipeFound: "SG3205",
  fileTaken: "SG3206",
  applyUndone: "SG3301",
  applyNotUndone: "SG3302",
  notAsWanted: "SG3303",
  outcomeUnknown: "SG3304",
  unprotected: "SG3305",
  rolledBack: "SG3306",
  rollbackFailed: "SG3307",
  notConfirmed: "SG3308",
  notPersisted: "SG3309",
  notDrained: "SG3310",
} as const satisfies Record<string, ErrorCode>;

export type RouterFailure = keyof typeof ROUTER_FAILURES;

/** The error for one failure; `remedy` replaces the default remedy. */
export function routerError(
  failure: RouterFailure,
  text: Omit<FailureText, "code">,
  options?: ErrorOptions,
): SafeguardError {
  return new SafeguardError({ code: ROUTER_FAILURES[failure], ...text }, options);
}
