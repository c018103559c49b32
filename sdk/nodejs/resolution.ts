import * as pulumi from "@pulumi/pulumi";
import { isProgramOfCli } from "./program";

const ENTRY = "pulumi-safeguard/dynamic-host";

/**
 * Fails the program where Pulumi would not find the provider: it loads it from the folder of the program, also when the program uses this
 * package through another one of a monorepo. The engine itself would only print a stack trace.
 * @throws pulumi.RunError, which Pulumi shows as one line
 */
export function requireProvider(): void {
  const problem = isProgramOfCli() ? resolutionProblem(process.cwd()) : undefined;
  if (problem) throw new pulumi.RunError(problem);
}

/** Why the provider cannot be loaded from a folder, with the remedy; undefined when it can. */
export function resolutionProblem(folder: string): string | undefined {
  try {
    // This module's own `require` would find the package that it is part of.
    process.getBuiltinModule("node:module").createRequire(`${folder}/index.js`).resolve(ENTRY);
    return undefined;
  } catch {
    return `pulumi-safeguard: load the provider: the package is not installed for ${folder}, from where Pulumi loads it; run \`npm install pulumi-safeguard\` there, even if the program uses it through another package`;
  }
}
