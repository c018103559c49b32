import { createRequire } from "node:module";
import { join } from "node:path";
import type { Command } from "commander";
import type { ExitCode } from "../exit-codes";
import type { Output, Session } from "../session";

/** The package that rolls out. It is one of its own, so that programs without rollouts need no database. */
const PACKAGE = "pulumi-safeguard-rollout";

/** What that package exports. */
interface Rollout {
  main(args: readonly string[], output: Pick<Output, "out" | "error">, signal: AbortSignal): Promise<ExitCode>;
}

/** Adds `pulumi-safeguard rollout`, which hands everything after it to the package of rollouts where that is installed. */
export function addRollout(program: Command, session: Session): void {
  program
    .command("rollout")
    .argument("[arguments...]", "a command of the rollout and its options")
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action(async (args: string[]) => {
      const { main } = installedRollout();
      session.exitCode = await main(args, session.output, session.signal ?? new AbortController().signal);
    });
}

/** @throws Error when the project in the working folder does not have the package */
function installedRollout(): Rollout {
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
