import { SafeguardError } from "../../../core/errors";
import type { Chain } from "../model/desired";
import { type PlanContext, withFound } from "../plan/decision";
import { parsePersistence } from "../read/read-back";
import { isPersisted } from "./found-files";
import { type PersistencePlan, persistedBy, planPersistence } from "./plan";
import { parsePersistOutcome } from "./script";

/** The state of the router after a change of its files, and the failure when they are out of sync. */
export interface Persisted {
  context: PlanContext;
  failure?: SafeguardError;
}

/** The result of the script of a plan. The files read back decide, not the exit status of the script. */
export function settlePersistence(
  output: { stdout: string; stderr: string },
  plan: PersistencePlan,
  before: PlanContext,
): Persisted {
  const { object, found } = before;
  const outcome = parsePersistOutcome(output);
  const persistence = outcome.kind === "unclear" ? found.persistence : parsePersistence(output, object);
  const context = withFound(before, { ...found, persistence });
  const left = planPersistence(context);
  if (outcome.kind === "done" && !left) return { context };
  const [path = "they"] = [...(left?.write ?? []).map((file) => file.path), ...(left?.remove ?? [])];
  const why = { done: `${path} is not as written`, unclear: "the router's answer is incomplete", failed: "" }[
    outcome.kind
  ];
  const cause = `${consequence(plan, context)}, because its files in /etc could not be changed: ${outcome.kind === "failed" ? outcome.message : why}`;
  return {
    context,
    failure: new SafeguardError({ code: "SG3309", object, step: "persist the redirections", cause }),
  };
}

/** What a restart restores from now on, in words. */
export function persistedText({ write }: PersistencePlan, context: PlanContext): string {
  if (write.length === 0) return "removed redirections are not restored at a restart";
  return `the redirections are restored at restarts by ${persistedBy(context).join(", ")}`;
}

/** What is in force now and what a restart would restore. */
function consequence({ write }: PersistencePlan, { desired, owned, found }: PlanContext): string {
  const nameOf = (chain: Chain) => chain.redirection.name;
  if (write.length > 0) {
    const [kept, lost] = [true, false].map((there) =>
      desired.chains
        .map(nameOf)
        .filter((name) => isPersisted(name, found) === there)
        .join(", "),
    );
    const after = [
      ...(kept ? [`as its files say for ${kept}, which may be as it was before`] : []),
      ...(lost ? [`without ${lost}`] : []),
    ];
    return `the redirections are confirmed and in force, but after a restart the router would be ${after.join(" and ")}`;
  }
  const names = owned.chains.map(nameOf).filter((name) => isPersisted(name, found));
  return `what was wanted gone is gone, but a restart of the router would bring ${names.join(", ") || "nothing of it"} back`;
}
