import type { SafeguardError } from "../../../core/errors";
import { routerError } from "../../failures";
import type { Desired } from "../model/desired";
import type { Found } from "../model/found";
import type { Claim } from "../plan/in-the-way";
import { parsePersistence } from "../read/read-back";
import { isPersisted, type PersistencePlan, persistedBy, planPersistence } from "./plan";
import { parsePersistOutcome } from "./script";

/** What is on the router after its files were changed, and the failure where they are not as wanted. */
export interface Persisted {
  found: Found;
  failure?: SafeguardError;
}

/** Makes sense of the output of a plan's script. What was read back counts, not that the script was content. */
export function settlePersistence(
  output: { stdout: string; stderr: string },
  plan: PersistencePlan,
  desired: Desired,
  claim: Claim,
): Persisted {
  const { object } = claim;
  const outcome = parsePersistOutcome(output);
  const persistence = outcome.kind === "unclear" ? claim.found.persistence : parsePersistence(output, object);
  const found: Found = { ...claim.found, persistence };
  const left = planPersistence(desired, { ...claim, found });
  if (outcome.kind === "done" && !left) return { found };
  const [path = "they"] = [...(left?.write ?? []).map((file) => file.path), ...(left?.remove ?? [])];
  const why = { done: `${path} is not as written`, unclear: "the router's answer is incomplete", failed: "" }[
    outcome.kind
  ];
  const cause = `${consequence(plan, desired, claim, found)}, because its files in /etc could not be changed: ${outcome.kind === "failed" ? outcome.message : why}`;
  return {
    found,
    failure: routerError("notPersisted", { object, step: "keep the redirections over restarts", cause }),
  };
}

/** What comes back with the next restart from now on, in words. */
export function persistedText({ write }: PersistencePlan, desired: Desired, found: Found): string {
  if (write.length === 0) return "nothing of what is not kept any more comes back with a restart";
  return `the redirections are kept over restarts, by ${persistedBy(desired, found).join(", ")}`;
}

/** What is in force now, and what a restart would make of it. */
function consequence({ write }: PersistencePlan, desired: Desired, { owned }: Claim, found: Found): string {
  const nameOf = (chain: Desired["chains"][number]) => chain.redirection.name;
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
