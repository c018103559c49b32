import type { ExitCode } from "./exit-codes";

/** Where a command writes to. */
export interface Output {
  out(text: string): void;
  error(text: string): void;
  /** Shows a line that the next one replaces; absent where no person watches. */
  progress?(text: string): void;
  /** Whether codes of errors may be links to their pages. Default false. */
  hasLinks?: boolean;
  /** Whether results may be coloured. Default false. */
  hasColours?: boolean;
}

/** What a command gets from its process, and where it leaves its result. */
export interface Session {
  readonly output: Output;
  /** Aborts when the user cancels. */
  readonly signal?: AbortSignal | undefined;
  exitCode: ExitCode;
}
