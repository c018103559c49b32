import { installedRollout } from "../rollout/installed";
import { type Candidates, candidatesFor } from "./candidates";
import { givenFor } from "./values";

/** What may follow on `rollout`, where the project has the package of rollouts. */
export function rolloutCandidates(words: readonly string[]): Candidates {
  try {
    const rollout = installedRollout();
    return candidatesFor(rollout.commands(), words, (option, before) =>
      ["--site", "<site>"].includes(option) ? rollout.siteNames(givenFor("--file", before)) : undefined,
    );
  } catch {
    // A shell that completes a word has no place for an error; the command itself reports it.
    return [];
  }
}
