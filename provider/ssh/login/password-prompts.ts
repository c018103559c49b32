import type { Prompt } from "ssh2";

/** Prompts for something that only a person has, or that would change the password. */
const OTHER_PROMPT = /one.?time|\botp\b|token|code|verif|factor|challenge|\bpin\b|\bnew\b|retype|again|confirm/i;

/** The longest part of a prompt to show in a message. */
const MAX_SHOWN_CHARACTERS = 60;

/** Answers the password prompt of a keyboard-interactive login, once, and no other prompt. */
export class PasswordPrompts {
  private isAnswered = false;
  /** The first prompt that has no answer here, safe to show. */
  unanswered: string | undefined;

  constructor(private readonly password: string | undefined) {}

  /** The answers, in order; undefined when one of the prompts is not for the password. */
  answer(prompts: readonly Prompt[]): string[] | undefined {
    const { password } = this;
    const other = prompts.find((prompt) => !isForPassword(prompt));
    if (other || (prompts.length > 0 && (this.isAnswered || password === undefined))) {
      this.unanswered = shown((other ?? prompts[0])?.prompt ?? "");
      return undefined;
    }
    this.isAnswered ||= prompts.length > 0;
    return prompts.map(() => password ?? "");
  }
}

/** A prompt for a password hides the input; its text depends on the server's language. */
function isForPassword({ prompt, echo }: Prompt): boolean {
  return echo !== true && !OTHER_PROMPT.test(prompt);
}

function shown(text: string): string {
  const plain = text.replace(/[^\p{L}\p{N}\p{P}\p{S} ]+/gu, " ").trim();
  return plain.length > MAX_SHOWN_CHARACTERS ? `${plain.slice(0, MAX_SHOWN_CHARACTERS)}…` : plain;
}
