import type { Pattern } from "../command-table";
import type { Device } from "../device";

/** What an EXEC command may do to its session. */
export interface ExecSession {
  readonly device: Device;
  readonly user: string;
  isPrivileged: boolean;
  /** Lines of a page; 0 prints without pages. */
  length: number;
  width: number;
  enterConfiguration(): void;
  end(): void;
  /** Prints a question and reads the answer; `isHidden` does not echo it. */
  ask(question: string, isHidden?: boolean): Promise<string>;
  /** Reads a line after a prompt; undefined when the session has ended. */
  read(prompt: string): Promise<string | undefined>;
  /** Executes an EXEC command and prints its output. */
  executeAndPrint(line: string): Promise<void>;
}

/** A command of the EXEC modes. Its text is printed. */
export interface ExecCommand extends Pattern {
  run(session: ExecSession, values: string[]): string | undefined | Promise<string | undefined>;
}
