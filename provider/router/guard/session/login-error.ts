import type { RouterConnection } from "../../core/connection";
import { entryOf, type SafeguardError } from "../../core/errors";
import type { Known } from "../../core/unknown";
import { ROUTER_FAILURES, type RouterFailure, routerError } from "../../router/failures";
import type { SshFailure, SshFailureKind } from "../../ssh/target";
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

/** What is told when there is no connection to the router, of whichever of the two is the reason. */
export function loginError(router: Known<RouterConnection>, failure: SshFailure): SafeguardError {
  const { kind, message, presented, isOfJumpHost } = failure;
  const cause = presented === undefined ? message : `${message}; it presents ${presented}`;
  const object = isOfJumpHost ? jumpHostObject(router) : routerObject(router);
  const remedy = isOfJumpHost ? { remedy: ofJumpHost(entryOf(ROUTER_FAILURES[FAILURES[kind]]).remedy, kind) } : {};
  return routerError(FAILURES[kind], { object, step: "log in over SSH", cause, ...remedy }, { cause: failure });
}

/** What to do, told of the jump host. */
function ofJumpHost(remedy: string, kind: SshFailureKind): string {
  // Here the router is the one that the way leads to.
  if (kind === "forwarding-refused") return remedy;
  return remedy.replaceAll(/\brouter\.(?=\w)/g, "router.jumpHost.").replaceAll("the router", "the jump host");
}
