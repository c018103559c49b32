import type { OperationContext } from "../core/context";
import { SafeguardError } from "../core/errors";
import type { InputFailure } from "../core/validate";
import type { Note } from "./operations";
import { routerRedirection } from "./router-redirection/operations";
import type { RouterRedirectionInputs, RouterRedirectionKnown } from "./router-redirection/schema";

/** Inputs of RouterRedirections, by name. */
type Routers = Record<string, RouterRedirectionInputs>;

type RouterOperations = Pick<typeof routerRedirection, "check" | "preview">;

/**
 * Asks routers whether they would accept their redirections, and fails unless all would. Only reads. Warns about routers that cannot be
 * reached. Routers with `preview: "never"` are not asked.
 * @param object the appliance whose irreversible change waits for the answer
 * @throws SafeguardError SG2119
 */
export async function proveRouters(
  object: string,
  routers: Routers | undefined,
  context: OperationContext,
  operations: RouterOperations = routerRedirection,
): Promise<void> {
  const asked = Object.entries(routers ?? {}).filter(([, { preview }]) => preview !== "never");
  const findings = await Promise.all(asked.map(([name, inputs]) => findingsOf(name, inputs, context, operations)));
  for (const { text } of findings.flatMap(({ notes }) => notes)) context.log.warn(text);
  const failures = findings.flatMap(({ reasons }) => reasons);
  if (failures.length === 0) return;
  const cause = `a later step would fail: ${failures.join("; ")}`;
  throw new SafeguardError({ code: "SG2119", object, step: "check routers", cause });
}

async function findingsOf(
  name: string,
  inputs: RouterRedirectionInputs,
  context: OperationContext,
  { check, preview }: RouterOperations,
): Promise<{ reasons: string[]; notes: Note[] }> {
  const named = (failures: readonly InputFailure[]) => failures.map(({ reason }) => `${name}: ${reason}`);
  // The redirections may exist already, as this program's own. Their own preview decides whether they need `adopt`.
  const checked = check({ ...inputs, preview: "always", adopt: true }, context);
  if (checked.failures.length > 0) return { reasons: named(checked.failures), notes: [] };
  const known = checked.inputs as unknown as RouterRedirectionKnown;
  const { failures, notes } = await preview(undefined, known, context);
  const warnings = notes.filter(({ severity }) => severity === "warning");
  return { reasons: named(failures), notes: warnings.map((note) => ({ ...note, text: `${name}: ${note.text}` })) };
}
