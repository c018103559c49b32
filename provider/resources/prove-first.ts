import type { OperationContext } from "../core/context";
import { SafeguardError } from "../core/errors";
import type { InputFailure } from "../core/validate";
import type { Note } from "./operations";
import { routerRedirection } from "./router-redirection/operations";
import type { RouterRedirectionInputs, RouterRedirectionKnown } from "./router-redirection/schema";

/** Inputs of RouterRedirections, by name. */
type Routers = Record<string, RouterRedirectionInputs>;

/** Later steps that need routers, as the input `proveFirst` names them. */
interface LaterSteps {
  routers?: Routers | undefined;
  /** URNs by the same names. */
  routerUrns?: Record<string, string> | undefined;
}

type RouterOperations = Pick<typeof routerRedirection, "check" | "preview">;

/**
 * Asks routers whether they would accept their redirections, and fails unless all would. Only reads. Warns about routers that cannot be
 * reached. Routers with `preview: "never"` are not asked.
 * @param object the appliance whose irreversible change waits for the answer
 * @throws SafeguardError SG2119
 */
export async function proveRouters(
  object: string,
  { routers, routerUrns }: LaterSteps,
  context: OperationContext,
  operations: RouterOperations = routerRedirection,
): Promise<void> {
  const asked = Object.entries(routers ?? {}).filter(([, { preview }]) => preview !== "never");
  const findings = await Promise.all(
    asked.map(([name, inputs]) => findingsOf(name, inputs, routerUrns?.[name], context, operations)),
  );
  const { toldWarnings } = context.deployment;
  for (const { name, notes } of findings) {
    for (const { text } of notes) {
      if (!toldWarnings.has(text)) context.log.warn(`${name}: ${text}`);
      toldWarnings.add(text);
    }
  }
  const failures = findings.flatMap(({ reasons }) => reasons);
  if (failures.length === 0) return;
  const cause = `a later step would fail: ${failures.join("; ")}`;
  throw new SafeguardError({ code: "SG2119", object, step: "check routers", cause });
}

async function findingsOf(
  name: string,
  inputs: RouterRedirectionInputs,
  urn: string | undefined,
  context: OperationContext,
  { check, preview }: RouterOperations,
): Promise<{ name: string; reasons: string[]; notes: Note[] }> {
  const named = (failures: readonly InputFailure[]) => failures.map(({ reason }) => `${name}: ${reason}`);
  // Without a URN, nothing tells whether redirections that exist are this program's own; their own preview decides then.
  const adopt = urn === undefined ? { adopt: true } : {};
  const own = urn === undefined ? context : { ...context, resource: { name, urn } };
  const checked = check({ ...inputs, preview: "always", ...adopt }, context);
  if (checked.failures.length > 0) return { name, reasons: named(checked.failures), notes: [] };
  const known = checked.inputs as unknown as RouterRedirectionKnown;
  const { failures, notes } = await preview(undefined, known, own);
  return { name, reasons: named(failures), notes: notes.filter(({ severity }) => severity === "warning") };
}
