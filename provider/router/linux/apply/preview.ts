import type { RouterConnection } from "../../../core/connection";
import type { Note } from "../../../core/note";
import { parseProbes, probingText } from "../../guard/scripts/probes";
import { withSession } from "../../guard/session/connect";
import type { PlatformContext } from "../../platform";
import { planPersistence } from "../persistence/plan";
import { planContext } from "../plan/decision";
import { interfaceOutputs } from "../plan/outputs";
import { planChanges } from "../plan/plan";
import { requirePreconditions, warnings } from "../plan/preconditions";
import { pathProbes } from "../proof/path-probes";
import { matchedBy, parseTracked, TRACKED_SCRIPT } from "../proof/tracked";
import { readScope } from "../read/read-script";
import type { LinuxChange } from "./apply-once";
import { type LinuxSession, linuxSession } from "./linux-session";

/** Time limit of all probes in a preview, in seconds. */
const TRYING_LIMIT_SECONDS = 30;

/**
 * Reads the router and reports what a change would do there: interfaces, backend, changes, connections that would be
 * redirected, rules that may interfere, and whether SPS answers. Changes nothing.
 * @throws SafeguardError when the router refuses the change or cannot be reached
 */
export async function preview(
  router: RouterConnection,
  change: Omit<LinuxChange, "applyOptions">,
  depth: "refusals" | "full",
  context: PlatformContext,
): Promise<Note[]> {
  return await withSession(router, context, async (shell) => {
    const session = linuxSession(shell);
    const { object } = session;
    const found = await session.read(readScope(change.wanted, change.owned));
    const plan = planContext(found, change, object);
    requirePreconditions(plan);
    if (depth === "refusals") return [];
    const notes: Note[] = [];
    const note = (severity: Note["severity"], text: string) =>
      notes.push({ severity, text: `${object}: live preview: ${text}` });
    for (const text of warnings(plan)) note("warning", text);
    for (const { name, addresses, selectedBy = [] } of interfaceOutputs(plan)) {
      const how = selectedBy.length > 0 ? `, selected by ${selectedBy.join(" and ")}` : "";
      note("info", `interface ${name} (${addresses.join(", ") || "no address"}) exists${how}`);
    }
    note("info", `backend ${plan.backend.name}: ${plan.backend.reason}`);
    const steps = planChanges(plan);
    for (const step of steps) note("info", `would ${step.title}`);
    const files = planPersistence(plan);
    for (const { path } of files?.write ?? []) note("info", `would write ${path}`);
    for (const path of files?.remove ?? []) note("info", `would remove ${path}`);
    if (steps.length === 0 && !files) note("info", "in sync, nothing to change");
    await runProbes(session, plan, steps.length > 0, note);
    return notes;
  });
}

/** Probes the path to SPS and counts the current connections that the redirections would take. */
async function runProbes(
  session: LinuxSession,
  plan: ReturnType<typeof planContext>,
  isChanging: boolean,
  note: (severity: Note["severity"], text: string) => void,
): Promise<void> {
  const probes = pathProbes(plan).filter(({ title }) => !isChanging || title.startsWith("SPS "));
  const { stdout } = await session.runGuard(`${TRACKED_SCRIPT}\n${probingText(probes)}`, TRYING_LIMIT_SECONDS);
  for (const { probe, result, detail } of parseProbes(stdout, probes)) {
    if (result === "passed") note("info", probe.title);
    else note("warning", `failed: ${probe.title} (${detail})`);
  }
  const connections = parseTracked(stdout);
  for (const { redirection } of plan.desired.chains) {
    const count = matchedBy(redirection, connections).length;
    const fate = redirection.existingConnections === "cut" ? "they will be cut" : "they stay direct";
    const text = `redirection ${redirection.name}: ${count} of the connections that the router tracks now match it`;
    note("info", count > 0 ? `${text}; ${fate}` : text);
  }
}
