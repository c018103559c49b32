/** The exit codes of every command. */
export const EXIT = {
  /** No check failed, and nothing needs attention. */
  fine: 0,
  /** A check failed. */
  failed: 1,
  /** No check failed, but something needs attention. */
  warnings: 2,
  /** The command line or a file that it names is invalid. */
  usage: 3,
  /** The command could not do its work: it was cancelled, or an unexpected error ended it. */
  notRun: 4,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The exit codes in words, for `--help`. */
export const EXIT_CODES_HELP = `Exit codes:
  0  no check failed
  1  a check failed
  2  no check failed, but there are warnings
  3  the command line or a file that it names is invalid
  4  the command could not run, or was cancelled`;
