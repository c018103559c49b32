import { resolve } from "node:path";
import type { Command } from "commander";
import { DEFAULT_FILE } from "./commands/options";
import { EXIT } from "./commands/session";
import { commandsFor } from "./main";
import { loadRollout } from "./plan/load";

/** The commands with their options, for a shell that completes words. None of them may be run. */
export function commands(): Command {
  return commandsFor({
    output: { out() {}, error() {} },
    signal: AbortSignal.abort(),
    isJson: false,
    exitCode: EXIT.fine,
  });
}

/** The names of the sites of a rollout. @throws DefinitionError */
export function siteNames(file = DEFAULT_FILE): string[] {
  return Object.keys(loadRollout(resolve(process.cwd(), file)).config);
}
