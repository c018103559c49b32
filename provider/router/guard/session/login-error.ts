import type { RouterConnection } from "../../../core/connection";
import { entryOf, type SafeguardError } from "../../../core/errors";
import type { SshFailure, SshFailureKind } from "../../../ssh/target";
import { ROUTER_FAILURES, type RouterFailure, routerError } from "../../failures";
import { jumpHostObject, routerObject } from "./ssh-target";

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

/** The error for a failed connection to the router or its jump host. */
export function loginError(router: RouterConnection, failure: SshFailure): SafeguardError {
  const { kind, message, presented, isOfJumpHost } = failure;
  const cause = presented === undefined ? message : `${message}; it presents ${presented}`;
  const object = isOfJumpHost ? jumpHostObject(router) : routerObject(router);
  const remedy = isOfJumpHost ? { remedy: forJumpHost(entryOf(ROUTER_FAILURES[FAILURES[kind]]).remedy, kind) } : {};
  return routerError(FAILURES[kind], { object, step: "log in over SSH", cause, ...remedy }, { cause: failure });
}

/** The same remedy, worded for the jump host. */
function forJumpHost(remedy: string, kind: SshFailureKind): string {
  // This remedy is already about the router as the destination.
  if (kind === "forwarding-refused") return remedy;
  return remedy.replaceAll(/\brouter\.(?=\w)/g, "router.jumpHost.").replaceAll("the router", "the jump host");
}
