import type { Configuration, MatchLines } from "../configuration";
import type { Device, LockHolder, Variants } from "../device";
import type { Environment } from "../environment";
import type { Pattern } from "./command-table";

/** What a command may do to its session. */
export interface ClishSession {
  readonly device: Device;
  readonly holder: LockHolder;
  /** Lines of a page; 0 prints without pages. */
  rows: number;
  /** Its other settings of `clienv`. */
  readonly environment: Environment;
  /** Lines whose changes wait for `commit`; undefined outside of a transaction. */
  transaction: string[] | undefined;
  /** Executes a line. @returns whether it was refused */
  executeLine(line: string): Promise<boolean>;
  /** Applies the lines of a transaction at once, or none of them. @returns the refusal */
  commit(): Promise<string | undefined>;
  /** Runs the shell of expert mode, or enters it. */
  enterExpert(): Promise<void>;
  print(text: string): void;
  end(): void;
  /** Prints a question and reads the answer; `isHidden` does not echo it. */
  ask(question: string, isHidden?: boolean): Promise<string>;
}

/** A command that does not change the configuration. Its text is printed. */
export interface Command extends Pattern {
  run(session: ClishSession, values: string[]): string | undefined | Promise<string | undefined>;
}

/** A command that changes the configuration. Its text is printed, and stands for a refusal. */
export interface ConfigurationCommand extends Pattern {
  run(configuration: Configuration, values: string[], line: string, matchLines: MatchLines): string | undefined;
}

/** The line that tells a session of the lock of another. */
export function lockedBy({ user }: LockHolder): string {
  return `CLINFR0771  Config lock is owned by ${user}. Use the command 'lock database override' to acquire the lock.`;
}

/** The refusal of a line that no command is. */
export function invalid(line: string): string {
  return `CLINFR0329  Invalid command:'${line}'.`;
}

/** Whether a line is a command of a feature that the role of the user lacks, or may only show. */
export function isBeyondRole(line: string, { hiddenFeatures, readOnlyFeatures }: Variants): boolean {
  const words = line.split(/ +/);
  const [verb = ""] = words;
  const feature = words[line.startsWith("show configuration ") ? 2 : 1] ?? "";
  return hiddenFeatures.includes(feature) || (verb !== "show" && readOnlyFeatures.includes(feature));
}

/** A refusal of a value, which is underlined. */
export function refused(cause: string, line: string, value: string): string {
  const start = line.lastIndexOf(value);
  return `CLINFR0409  ${cause}: Invalid value ${value}\n${line}\n${"-".repeat(start)}${"^".repeat(value.length)}`;
}

/** A refusal of a network without a valid length of its prefix. */
export function badNetwork(line: string, value: string): string {
  const cause = `IPv4 unicast bitmask check fails: Invalid bitmask value in ${value}; valid range is 1-32`;
  const start = line.lastIndexOf(value);
  return `CLINFR0409  ${cause}\n${line}\n${"-".repeat(start)}${"^".repeat(value.length)}`;
}

export function isNetwork(text: string): boolean {
  const [address = "", length = ""] = text.split("/");
  return isAddress(address) && /^\d{1,2}$/.test(length) && Number(length) >= 1 && Number(length) <= 32;
}

export function isAddress(text: string): boolean {
  const parts = text.split(".");
  return parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255);
}
