/** What a device does instead of executing a command. */
export type Fault =
  /** Ends the session before or after the command is executed. */
  | "drop-before"
  | "drop-after"
  /** Executes the command and prints nothing more, not even the prompt. */
  | "silence"
  /** Prints this and does not execute the command. */
  | { prints: string };

/** What a session does with a line. */
export interface LineExecution {
  /** Called for each line that reaches the device. */
  record(): void;
  /** @returns the output */
  execute(): Promise<string | undefined>;
  /** Ends the connection. */
  drop(): void;
  print(text: string): void;
  printPaged(text: string): Promise<void>;
}

/** Executes a line and prints its output, as far as a fault allows. */
export async function executeUnder(fault: Fault | undefined, line: LineExecution): Promise<void> {
  if (fault === "drop-before") return line.drop();
  line.record();
  if (typeof fault === "object") return line.print(`${fault.prints}\n`);
  const output = await line.execute();
  if (fault === "drop-after") return line.drop();
  if (fault === "silence") return await new Promise(() => undefined);
  if (output !== undefined && output !== "") await line.printPaged(output);
}
