import { resolve } from "node:path";
import { installedRollout, type Rollout } from "../rollout/installed";
import { type Candidates, candidatesFor } from "./candidates";

/** The file that describes a rollout where no other is given. */
const DEFAULT_FILE = "rollout.yaml";

/** What may follow on `rollout`, where the project has the package of rollouts. */
export function rolloutCandidates(words: readonly string[]): Candidates {
  try {
    const rollout = installedRollout();
    return candidatesFor(rollout.commands(), words, (option, before) =>
      ["--site", "<site>"].includes(option) ? siteNames(rollout, before) : undefined,
    );
  } catch {
    // A shell that completes a word has no place for an error; the command itself reports it.
    return [];
  }
}

function siteNames(rollout: Rollout, before: readonly string[]): string[] {
  const at = before.lastIndexOf("--file");
  const file = at < 0 ? undefined : before[at + 1];
  return rollout.siteNames(resolve(process.cwd(), file ?? DEFAULT_FILE));
}
