import type { Prompt } from "ssh2";

/** Asks for something that only a person has, or that would change the password. */
const NOT_THE_PASSWORD = /one.?time|\botp\b|token|code|verif|factor|challenge|\bpin\b|\bnew\b|retype|again|confirm/i;

/** The longest question to repeat in a message, in characters. */
const LONGEST_SHOWN = 60;

/** Answers the questions of a server's keyboard-interactive login with the password, and nothing else, and once only. */
export class Questions {
  private isAnswered = false;
  /** A question that has no answer here, fit to be shown; undefined while there was none. */
  unanswered: string | undefined;

  constructor(private readonly password: string | undefined) {}

  /** The answers, in order; undefined where one of the questions is not for the password. */
  answer(prompts: readonly Prompt[]): string[] | undefined {
    const { password } = this;
    const strange = prompts.find((prompt) => !isForPassword(prompt));
    if (strange || (prompts.length > 0 && (this.isAnswered || password === undefined))) {
      this.unanswered = shown((strange ?? prompts[0])?.prompt ?? "");
      return undefined;
    }
    this.isAnswered ||= prompts.length > 0;
    return prompts.map(() => password ?? "");
  }
}

/** A password is never shown while it is typed; what else the question says depends on the server's language. */
function isForPassword({ prompt, echo }: Prompt): boolean {
  return echo !== true && !NOT_THE_PASSWORD.test(prompt);
}

function shown(text: string): string {
  const plain = text.replace(/[^\p{L}\p{N}\p{P}\p{S} ]+/gu, " ").trim();
  return plain.length > LONGEST_SHOWN ? `${plain.slice(0, LONGEST_SHOWN)}…` : plain;
}
