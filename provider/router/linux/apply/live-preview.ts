import type { OperationContext } from "../../core/context";
import { type ErrorKind, messageOf, SafeguardError } from "../../core/errors";
import { ifKnown } from "../../core/unknown";
import type { InputFailure } from "../../core/validate";
import { chooseBackend } from "../../router/linux/backends/backends";
import { type Desired, NOTHING } from "../../router/linux/desired";
import { interfaceOutputs } from "../../router/linux/outputs";
import { pathProbes } from "../../router/linux/path-probes";
import { planPersistence } from "../../router/linux/persistence/plan";
import { planChanges } from "../../router/linux/plan";
import { reservations } from "../../router/linux/preconditions";
import { parseProbes, probingText } from "../../router/linux/probes";
import { readScope } from "../../router/linux/read-script";
import { parseTracked, TRACKED_SCRIPT, takenBy } from "../../router/linux/tracked";
import { onRouter } from "./connect";
import { examine } from "./examine";
import { wantedBy } from "./holdings";
import type { LinuxSession } from "./linux-session";
import type { Holdings, RouterRedirectionChecked, RouterRedirectionKnown } from "./schema";

/** Limit of trying what can be tried in a preview, in seconds. */
const TRYING_LIMIT_SECONDS = 30;

/** The router cannot be asked: that is no mistake in the inputs, for it may come to be in the same update. */
const ACCESS_KINDS: readonly ErrorKind[] = ["access", "identity", "login", "permission", "busy", "timeout"];

/**
 * Looks at the router as it is now, changing nothing, and says what the update would do there: interfaces, backend,
 * changes, connections of now that would be redirected, what may take them elsewhere, and whether SPS answers. What
 * the router refuses is a failure; what cannot be looked at is said.
 */
export async function livePreview(
  olds: Record<string, unknown>,
  inputs: RouterRedirectionChecked,
  context: OperationContext,
): Promise<InputFailure[]> {
  const known = ifKnown(inputs) as RouterRedirectionKnown | undefined;
  if (!known) {
    context.log.info("live preview: left out, because part of the inputs is not known yet");
    return [];
  }
  try {
    await onRouter(known.router, context, (session) => look(session, known, heldBy(olds), context));
    return [];
  } catch (error) {
    context.signal.throwIfAborted();
    if (!(error instanceof SafeguardError)) throw error;
    if (!ACCESS_KINDS.includes(error.kind)) return [{ path: "", reason: messageOf(error) }];
    context.log.warn(`live preview: left out: ${messageOf(error)}`);
    return [];
  }
}

async function look(
  session: LinuxSession,
  inputs: RouterRedirectionKnown,
  owned: Desired,
  context: OperationContext,
): Promise<void> {
  const { object } = session;
  const say = (text: string) => context.log.info(`${object}: live preview: ${text}`);
  const wanted = wantedBy(inputs);
  const found = await session.read(readScope(wanted, owned));
  const { desired, claim } = examine(found, { desired: wanted, owned, isAdopting: inputs.adopt }, object);
  for (const text of reservations(desired, found)) context.log.warn(`${object}: live preview: ${text}`);
  for (const { name, addresses, pickedBy = [] } of interfaceOutputs(wanted, found)) {
    const how = pickedBy.length > 0 ? `, picked by ${pickedBy.join(" and ")}` : "";
    say(`interface ${name} (${addresses.join(", ") || "no address"}) is there${how}`);
  }
  const { name, reason } = chooseBackend(desired, found);
  say(`backend ${name}: ${reason}`);
  const steps = planChanges(desired, claim);
  for (const step of steps) say(`would change ${step.title}`);
  const persistence = planPersistence(desired, claim);
  for (const { path } of persistence?.write ?? []) say(`would write ${path}`);
  for (const path of persistence?.remove ?? []) say(`would remove ${path}`);
  if (steps.length === 0 && !persistence) say("everything is as wanted, nothing to change");

  const probes = pathProbes(desired, found).filter(({ title }) => steps.length === 0 || title.startsWith("SPS "));
  const tried = await session.judge(`${TRACKED_SCRIPT}\n${probingText(probes)}`, TRYING_LIMIT_SECONDS);
  for (const { probe, result, detail } of parseProbes(tried.stdout, probes)) {
    if (result === "passed") say(probe.title);
    else context.log.warn(`${object}: live preview: not so: ${probe.title} (${detail})`);
  }
  const connections = parseTracked(tried.stdout);
  for (const { redirection } of desired.chains) {
    const count = takenBy(redirection, connections).length;
    const cut = redirection.existingConnections === "cut" ? "those that go direct are cut" : "they go on as they are";
    say(
      `redirection ${redirection.name}: ${count} of the connections that the router tracks now are its traffic${count > 0 ? `; ${cut}` : ""}`,
    );
  }
}

/** What the resource has on the router, as far as its inputs of before tell. */
function heldBy(olds: Record<string, unknown>): Desired {
  const { redirections, linux } = olds;
  const before = Array.isArray(redirections) && typeof linux === "object" && linux !== null;
  const known = before ? ifKnown({ redirections, linux }) : undefined;
  return known ? wantedBy(known as Holdings) : NOTHING;
}
