import { KNOWN_HOSTS_FORM } from "../../core/connection";
import type { OperationContext } from "../../core/context";
import { UNKNOWN } from "../../core/unknown";
import type { InputFailure } from "../../core/validate";
import { HOST_KEY_FORM, parseHostKey } from "../../ssh/host-key";
import { holdsKnownHosts } from "../../ssh/known-hosts";
import { warnUnverified } from "../unverified";
import type { RouterRedirectionChecked } from "./schema";

type Router = Exclude<RouterRedirectionChecked["router"], typeof UNKNOWN>;
type Server = Exclude<NonNullable<Router["jumpHost"]>, typeof UNKNOWN>;

/** What is wrong with a router's connection beyond its single values; what will be refused later is warned of. */
export function wayInProblems(router: Router, context: OperationContext): InputFailure[] {
  const { jumpHost } = router;
  const ofRouter = serverProblems("router", router, context);
  if (jumpHost === undefined || jumpHost === UNKNOWN) return ofRouter;
  return [...ofRouter, ...serverProblems("router.jumpHost", jumpHost, context)];
}

function serverProblems(path: string, server: Server, context: OperationContext): InputFailure[] {
  warnUnverified(context, path, server);
  return trustProblems(path, server, context);
}

function trustProblems(path: string, server: Server, context: OperationContext): InputFailure[] {
  const { hostKey, knownHosts, knownHostsFile } = server;
  const isUnknownHost = hostKey === undefined && knownHosts === undefined && knownHostsFile === undefined;
  if (isUnknownHost && server.insecureSkipVerify === false) {
    context.log.warn(
      `${path}.hostKey is missing: ${String(server.address)} will be refused, and the refusal shows the key it has`,
    );
  }
  const failures: InputFailure[] = [];
  if (typeof hostKey === "string" && !parseHostKey(hostKey)) {
    const reason = `Invalid value for ${path}.hostKey. Allowed values are: ${HOST_KEY_FORM}.`;
    failures.push({ path: `${path}.hostKey`, reason });
  }
  if (typeof knownHosts === "string" && !holdsKnownHosts(knownHosts)) {
    const reason = `Invalid value for ${path}.knownHosts. Allowed values are: ${KNOWN_HOSTS_FORM}.`;
    failures.push({ path: `${path}.knownHosts`, reason });
  }
  return failures;
}
