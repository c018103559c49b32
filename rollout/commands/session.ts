/** Where the commands write to. The main command passes its own. */
export interface Output {
  out(text: string): void;
  error(text: string): void;
}

/** The exit codes, with the meanings of those of `pulumi-safeguard`. */
export const EXIT = {
  /** Every site is done. */
  fine: 0,
  /** The rollout stopped or was cancelled, or a preview failed. */
  failed: 1,
  /** The rollout waits for somebody, it ended without some of its sites, or sites have drifted or are not rolled out yet. */
  attention: 2,
  /** The command line or a file that it names is invalid. */
  usage: 3,
  /** The command could not run, or was interrupted. */
  notRun: 4,
} as const;

export const EXIT_CODES_HELP = `Exit codes:
  0  every site is done, or the command was carried out
  1  the rollout stopped or was cancelled, or a preview failed
  2  the rollout waits for an operator, ended without some sites, or refresh found drift or new sites
  3  the command line or a file that it names is invalid
  4  the command could not run, or was interrupted`;

/** A mistake in the command line. */
export class UsageError extends Error {}

/** What a command gets from its process, and where it leaves its result. */
export interface Session {
  readonly output: Output;
  /** Whether a program reads the result: one JSON object is all that goes to the standard output. */
  readonly isJson: boolean;
  /** Aborts when the user cancels. */
  readonly signal: AbortSignal;
  exitCode: (typeof EXIT)[keyof typeof EXIT];
}

/** Shows how a command gets on, which must not mix with a result that a program reads. */
export function showProgress({ output, isJson }: Session, line: string): void {
  if (isJson) output.error(`${line}\n`);
  else output.out(`${line}\n`);
}

/** Prints the result of a command: as JSON, or as text where there is any that progress has not shown. */
export function printResult({ output, isJson }: Session, result: object, text?: string): void {
  if (isJson) output.out(`${JSON.stringify(result, undefined, 2)}\n`);
  else if (text !== undefined) output.out(`${text}\n`);
}
