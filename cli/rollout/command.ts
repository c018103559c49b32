import type { Command } from "commander";
import type { Session } from "../session";
import { installedRollout } from "./installed";

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
