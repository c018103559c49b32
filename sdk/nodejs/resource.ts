import * as pulumi from "@pulumi/pulumi";
import { isProgramOfCli } from "./program";
import { requireProvider } from "./resolution";

/**
 * Lists whose changes a preview tells in lines of its own. Pulumi compares lists by position, repeats all that follows a removed entry, and
 * shows nothing of a list with a secret in it.
 */
const COMPARED_BY_NAME = ["members", "nodes", "redirections", "rules", "steps"];

/** A resource of this package: passes its URN to the provider, and reports the problems that the provider finds. */
export abstract class SafeguardResource extends pulumi.dynamic.Resource {
  /** @param inputs the inputs of the program, and every output as undefined */
  protected constructor(
    stub: pulumi.dynamic.ResourceProvider,
    type: string,
    name: string,
    inputs: pulumi.Inputs,
    options?: pulumi.CustomResourceOptions,
  ) {
    requireProvider();
    const own = { __urn: urnOf(type, name, options), __problems: undefined };
    const hideDiffs = [...COMPARED_BY_NAME, ...(options?.hideDiffs ?? [])];
    super(stub, name, { ...inputs, ...own }, { ...options, hideDiffs }, "safeguard", type);
    reportProblems(this);
  }
}

/**
 * The URN that a resource will have, for messages about it: Pulumi tells no dynamic provider whom it works on.
 * As a promise, because an output would make the resource wait for all children of its parent, itself included.
 */
export function urnOf(type: string, name: string, { parent }: pulumi.ResourceOptions = {}): Promise<string> {
  const urn = pulumi.createUrn(name, `pulumi-nodejs:dynamic/safeguard:${type}`, parent);
  return new Promise((resolve) => urn.apply(resolve));
}

/** Reports what the check of a resource found wrong: all resources of a preview do, and the preview fails at its end. */
function reportProblems(resource: pulumi.Resource): void {
  const { __problems: problems } = resource as { __problems?: pulumi.Output<string[] | undefined> };
  problems?.apply((found) => {
    // One without words is told by another resource, which fails too.
    reportMistakes(
      resource,
      (found ?? []).filter((problem) => problem !== ""),
    );
  });
}

/** Reports mistakes of the program at a resource; the program goes on, so that those of others are reported too, and fails at its end. */
export function reportMistakes(resource: pulumi.Resource, mistakes: readonly string[]): void {
  for (const mistake of mistakes) void pulumi.log.error(mistake, resource);
  if (mistakes.length > 0) failProgram();
}

/** Exit code by which Pulumi's language host knows that the program has logged its errors. */
const LOGGED_ERRORS = 32;

/** Inline programs of the Automation API fail for a logged error by themselves; those of the CLI need an exit code. */
function failProgram(): void {
  if (isProgramOfCli()) process.exitCode = LOGGED_ERRORS;
}
