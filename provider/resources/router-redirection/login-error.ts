import type { SafeguardError } from "../../core/errors";
import { type RouterFailure, routerError } from "../../router/failures";
import type { SshFailure, SshFailureKind } from "../../ssh/target";

const FAILURES: Record<SshFailureKind, RouterFailure> = {
  unreachable: "unreachable",
  "unknown-host-key": "unknownHostKey",
  "wrong-host-key": "wrongHostKey",
  "revoked-host-key": "revokedHostKey",
  "login-refused": "loginRefused",
  "unusable-private-key": "unusablePrivateKey",
  "unusable-agent": "unusableAgent",
  "forwarding-refused": "forwardingRefused",
  "connection-lost": "connectionLost",
};

/** What is told when there is no connection to the router. */
export function loginError(object: string, failure: SshFailure): SafeguardError {
  const { kind, message, presented } = failure;
  const cause = presented === undefined ? message : `${message}; it presents ${presented}`;
  return routerError(FAILURES[kind], { object, step: "log in over SSH", cause }, { cause: failure });
}
