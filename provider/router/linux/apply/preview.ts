import type { RouterConnection } from "../../../core/connection";
import type { Note } from "../../../core/note";
import { type ProbeResult, parseProbes, probingText } from "../../guard/scripts/probes";
import type { Step } from "../../guard/scripts/shell-text";
import { failureText } from "../../guard/scripts/trial";
import { withSession } from "../../guard/session/connect";
import type { ShellSession } from "../../guard/session/shell-session";
import { isSameResource } from "../../owner";
import type { Looked, OpenConnections, PlatformContext, PreviewDepth } from "../../platform";
import { portRanges } from "../../ports";
import type { Chain, Desired } from "../model/desired";
import type { Found } from "../model/found";
import { type PersistencePlan, planPersistence } from "../persistence/plan";
import { type PlanContext, planContext } from "../plan/decision";
import { interfaceOutputs } from "../plan/outputs";
import { planChanges } from "../plan/plan";
import { refusals } from "../plan/preconditions";
import { takeoverWarnings, warnings } from "../plan/warnings";
import { pathProbes } from "../proof/path-probes";
import { connectionsOf, parseTracked, trackedText } from "../proof/tracked";
import { readScope } from "../read/read-script";
import { bypassWarnings } from "../watchdog/bypassed";
import type { LinuxChange } from "./apply-once";
import { type LinuxSession, linuxSession } from "./linux-session";

/** Time limit of the login in seconds; previews check one router after the other. */
const DIAL_LIMIT_SECONDS = 10;

/** Time limit of all probes in a preview, in seconds. */
const PROBING_LIMIT_SECONDS = 30;

/** The checks of a preview that only report. */
interface Checks {
  steps: readonly Step[];
  files: PersistencePlan | undefined;
  probes: readonly ProbeResult[];
  /** Undefined when the router does not list them. */
  connections: readonly OpenConnections[] | undefined;
}

/**
 * Reads the router and reports what a change would do there: interfaces, backend, changes, connections that would be
 * redirected, rules that may interfere, and whether SPS answers. Changes nothing.
 * @throws SafeguardError when the router cannot be reached or read, or a rule in the way must stay
 */
export async function preview(
  router: RouterConnection,
  change: Omit<LinuxChange, "applyOptions">,
  depth: PreviewDepth,
  context: PlatformContext,
): Promise<Looked> {
  const work = async (shell: ShellSession): Promise<Looked> => {
    const session = linuxSession(shell);
    const found = await session.read(readScope(change.wanted, change.owned));
    const plan = planContext(found, { ...change, wanted: withRecordedId(change.wanted, found) }, session.object);
    const refused = refusals(plan);
    if (refused.length > 0) return { refusals: refused, notes: [] };
    const steps = planChanges(plan);
    if (depth === "refusals") return { refusals: [], notes: [] };
    const checks = { steps, files: planPersistence(plan), ...(await runProbes(session, plan, steps.length > 0)) };
    const failed = checks.probes.filter(({ result }) => result !== "passed");
    const unproven = failed.map((result): Note => {
      const text = `${session.object}: not proved: ${failureText(result)}`;
      return { severity: "warning", text, topic: "path" };
    });
    const attention = [...warnings(plan), ...takeoverWarnings(plan)];
    const bypassed = new Set(bypassWarnings(plan));
    const note = (severity: Note["severity"]) => (text: string) => ({ severity, text: `${session.object}: ${text}` });
    const notes = [
      ...attention.map((text): Note => ({ ...note("warning")(text), ...(bypassed.has(text) && { topic: "bypass" }) })),
      ...unproven,
      ...(depth === "full" ? details(plan, checks) : [summary(plan, checks)]).map(note("info")),
    ];
    return { refusals: [], notes, ...(checks.connections && { connections: checks.connections }) };
  };
  return await withSession(router, context, work, DIAL_LIMIT_SECONDS);
}

/** The wanted state with the owner id that the router records for this resource, where the state is not known yet. */
function withRecordedId(wanted: Desired, { owners }: Found): Desired {
  const { owner, chains } = wanted;
  if (owner?.id !== "") return wanted;
  const recorded = chains.map(({ redirection }) => owners.get(redirection.name));
  const same = recorded.find((other) => other !== undefined && isSameResource(other, owner));
  return same ? { ...wanted, owner: { ...owner, id: same.id } } : wanted;
}

/** Probes the path to SPS and lists the current connections. */
async function runProbes(
  session: LinuxSession,
  plan: PlanContext,
  isChanging: boolean,
): Promise<Pick<Checks, "probes" | "connections">> {
  const probes = pathProbes(plan).filter(({ title }) => !isChanging || title.startsWith("SPS "));
  const { chains } = plan.desired;
  const tracked = trackedText(
    chains.flatMap(({ redirection }) => portRanges(redirection.ports)),
    chains.flatMap(({ redirection }) => redirection.serverCidrs),
  );
  const { stdout } = await session.runGuard(`${tracked}\n${probingText(probes)}`, PROBING_LIMIT_SECONDS);
  const open = parseTracked(stdout);
  return {
    probes: parseProbes(stdout, probes),
    connections: open && chains.map((chain) => connectionsOf(chain, open, isTelling(chain, plan))),
  };
}

/** Whether the marks of connections tell which ones a redirection sends to SPS. Before it exists, it sends none. */
function isTelling({ name }: Chain, { backend, owned }: PlanContext): boolean {
  return backend.name !== "ip-rule" || !owned.chains.some((chain) => chain.name === name);
}

/** The result in one line. */
function summary({ backend }: PlanContext, { steps, files, probes, connections = [] }: Checks): string {
  const count = steps.length + (files ? files.write.length + files.remove.length : 0);
  const changes = count === 0 ? "in sync, nothing to change" : `${count} ${count === 1 ? "change" : "changes"}`;
  const passed = probes.filter(({ result }) => result === "passed").map(({ probe }) => probe.title);
  const matching = connections.reduce((sum, { direct }) => sum + direct, 0);
  return [
    `checked: ${changes}`,
    `backend ${backend.name}`,
    ...passed,
    ...(matching > 0 ? [current(matching, "matches", "match")] : []),
  ].join(", ");
}

/** Everything that was checked, one line each. */
function details(plan: PlanContext, { steps, files, probes, connections }: Checks): string[] {
  const interfaces = interfaceOutputs(plan).map(({ name, addresses, selectedBy = [] }) => {
    const how = selectedBy.length > 0 ? `, selected by ${selectedBy.join(" and ")}` : "";
    return `interface ${name} (${addresses.join(", ") || "no address"}) exists${how}`;
  });
  const matching = connections ? plan.desired.chains.map((chain) => connectionsText(chain, connections)) : [UNLISTED];
  return [
    ...interfaces,
    `backend ${plan.backend.name}: ${plan.backend.reason}`,
    ...steps.map(({ title }) => `would ${title}`),
    ...(files?.write ?? []).map(({ path }) => `would write ${path}`),
    ...(files?.remove ?? []).map((path) => `would remove ${path}`),
    ...(steps.length === 0 && !files ? ["in sync, nothing to change"] : []),
    ...probes.filter(({ result }) => result === "passed").map(({ probe }) => probe.title),
    ...matching,
  ];
}

const UNLISTED = "the router does not list its tracked connections";

/** A number of open connections, and what they do: `1 current connection matches`. */
const current = (count: number, one: string, more: string) =>
  `${count} current ${count === 1 ? `connection ${one}` : `connections ${more}`}`;

/** What becomes of the open connections of a redirection. */
function connectionsText({ redirection }: Chain, connections: readonly OpenConnections[]): string {
  const { sent = 0, direct = 0, unknown = 0 } = connections.find((one) => one.redirection === redirection.name) ?? {};
  const it = direct === 1 ? "it" : "they";
  const stay = direct === 1 ? "it stays direct" : "they stay direct";
  const fate = redirection.existingConnections === "cut" ? `${it} will be cut` : stay;
  const others = [
    ...(sent > 0 ? [`${current(sent, "goes", "go")} to SPS already`] : []),
    ...(unknown > 0 ? [`${current(unknown, "goes", "go")} to SPS or past it; the router does not tell`] : []),
  ];
  const matching = direct > 0 || others.length === 0 ? [current(direct, "matches", "match")] : [];
  const parts = [...matching, ...(direct > 0 ? [fate] : []), ...others];
  return `redirection ${redirection.name}: ${parts.join("; ")}`;
}
