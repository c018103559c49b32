import { createRequire } from "node:module";
import { join } from "node:path";
import type { Command } from "commander";
import type { ExitCode } from "../exit-codes";
import type { Output } from "../session";

/** The package that rolls out. It is one of its own, so that programs without rollouts need no database. */
const PACKAGE = "pulumi-safeguard-rollout";

/** What that package exports. */
export interface Rollout {
  main(args: readonly string[], output: Pick<Output, "out" | "error">, signal: AbortSignal): Promise<ExitCode>;
  /** Its commands with their options, which are only looked at. */
  commands(): Command;
  /** The sites of a definition; without a file, of the one that its commands read then. */
  siteNames(file?: string): string[];
}

/** @throws Error when the project in the working folder does not have the package */
export function installedRollout(): Rollout {
  const requireFromProject = createRequire(join(process.cwd(), "package.json"));
  try {
    requireFromProject.resolve(PACKAGE);
  } catch (error) {
    throw new Error(`rollout: this project does not have the package ${PACKAGE}; run npm install ${PACKAGE}`, {
      cause: error,
    });
  }
  return requireFromProject(PACKAGE) as Rollout;
}
