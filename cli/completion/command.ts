import { Argument, type Command } from "commander";
import { printableLine } from "../../provider/core/printable";
import type { Session } from "../session";
import { type Candidate, candidatesFor } from "./candidates";
import { rolloutCandidates } from "./rollout";
import { SCRIPTS } from "./scripts";
import { valuesOf } from "./values";

const EXAMPLE = `Examples:
  $ pulumi-safeguard completion fish | source
  $ source <(pulumi-safeguard completion bash)`;

/** Limit of a description, in characters; shells cut longer ones. */
const MAX_CHARACTERS = 200;

/** A name with a line break or an escape in it is left as one line that no terminal obeys. */
function lineOf({ word, description }: Candidate): string {
  const [shown, explained] = [word, description].map((text) => printableLine(text, MAX_CHARACTERS));
  return explained === "" ? `${shown}` : `${shown}\t${explained}`;
}

/** Adds `pulumi-safeguard completion`, which prints what a shell loads. */
export function addCompletion(program: Command, { output }: Session): void {
  program
    .command("completion")
    .description("Prints what a shell loads to complete commands, options and the names of sites.")
    .addArgument(new Argument("<shell>", "the shell").choices(Object.keys(SCRIPTS)))
    .addHelpText("after", `\n${EXAMPLE}`)
    .action((shell: keyof typeof SCRIPTS) => output.out(SCRIPTS[shell]));
}

/** Adds the hidden command that shells call for the words that may come next. */
export function addComplete(program: Command, { output }: Session): void {
  program
    .command("complete", { hidden: true })
    .argument("[words...]")
    .action((words: string[]) => {
      const found =
        words[0] === "rollout" && words.length > 1
          ? rolloutCandidates(words.slice(1))
          : candidatesFor(program, words, valuesOf);
      const lines = found === "files" ? [":files"] : found.map(lineOf);
      for (const line of lines) output.out(`${line}\n`);
    });
}
