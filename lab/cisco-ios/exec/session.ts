import type { TcpOutcome } from "../../probes/tcp";
import type { Pattern } from "../command-table";
import type { Device } from "../device";

/** A connection from a line to another host. */
export interface OpenConnection {
  address: string;
  port: number;
  streams: Extract<TcpOutcome, { kind: "open" }>;
  /** What came while it was suspended. */
  waiting: string;
  isClosed: boolean;
}

/** What an EXEC command may do to its session. */
export interface ExecSession {
  readonly device: Device;
  readonly user: string;
  /** Address of the client. */
  readonly location: string;
  /** Number of its vty line. */
  readonly line: number;
  /** Whether it shows messages of the log as they come. */
  isMonitoring: boolean;
  /** 1 to 15. */
  privilege: number;
  /** Lines of a page; 0 prints without pages. */
  length: number;
  width: number;
  /** Connections from this line to other hosts, the latest last. */
  readonly connections: OpenConnection[];
  hasInterface(name: string): boolean;
  enterConfiguration(): void;
  end(): void;
  /** Prints a question and reads the answer; `isHidden` does not echo it. */
  ask(question: string, isHidden?: boolean): Promise<string>;
  /** Reads a line after a prompt; undefined when the session has ended. */
  read(prompt: string): Promise<string | undefined>;
  print(text: string): void;
  /** Works until the user types the escape character, which aborts the signal. */
  untilEscape<T>(work: (interrupt: AbortSignal) => Promise<T>): Promise<T>;
  /**
   * Gives what is typed to a consumer, which returns what it leaves, until the returned function is called.
   */
  handOver(consumer: (typed: string) => string): () => void;
  /** Calls this when the session ends. */
  onEnd(action: () => void): void;
  /** Executes an EXEC command and prints its output. */
  executeAndPrint(line: string): Promise<void>;
}

/** A command of the EXEC modes. Its text is printed. */
export interface ExecCommand extends Pattern {
  run(session: ExecSession, values: string[]): string | undefined | Promise<string | undefined>;
}
