import { KNOWN_HOSTS_FORM } from "../../core/connection";
import { UNKNOWN } from "../../core/unknown";
import type { InputFailure } from "../../core/validate";
import { HOST_KEY_FORM, parseHostKey } from "../../ssh/host-keys/host-key";
import { holdsKnownHosts } from "../../ssh/host-keys/known-hosts";
import type { Note } from "../operations";
import { unverifiedNotes } from "../unverified";
import type { RouterRedirectionChecked } from "./schema";

type Router = Exclude<RouterRedirectionChecked["router"], typeof UNKNOWN>;
type Server = Exclude<NonNullable<Router["jumpHost"]>, typeof UNKNOWN>;

/** What is wrong with a connection, and what to look at. */
interface Problems {
  failures: InputFailure[];
  notes: Note[];
}

/** What is wrong with a router's connection beyond its single values; what will be refused later is warned of. */
export function connectionProblems(router: Router): Problems {
  const { jumpHost } = router;
  const ofRouter = serverProblems("router", router);
  if (jumpHost === undefined || jumpHost === UNKNOWN) return ofRouter;
  const ofJumpHost = serverProblems("router.jumpHost", jumpHost);
  return {
    failures: [...ofRouter.failures, ...ofJumpHost.failures],
    notes: [...ofRouter.notes, ...ofJumpHost.notes],
  };
}

function serverProblems(path: string, server: Server): Problems {
  const { failures, notes } = trustProblems(path, server);
  return { failures, notes: [...unverifiedNotes(path, server), ...notes] };
}

function trustProblems(path: string, server: Server): Problems {
  const { hostKey, knownHosts, knownHostsFile } = server;
  const isUnknownHost = hostKey === undefined && knownHosts === undefined && knownHostsFile === undefined;
  const notes: Note[] = [];
  if (isUnknownHost && server.insecureSkipVerify === false) {
    const text = `${path}.hostKey is missing: ${String(server.address)} will be refused, and the refusal shows the key it has`;
    notes.push({ severity: "warning", text });
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
  return { failures, notes };
}
