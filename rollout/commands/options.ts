import { userInfo } from "node:os";
import { dirname, join, resolve } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import { type Database, type DatabaseLocation, openDatabase } from "../database/database";
import { findRollout, latestRollout, type RolloutRecord } from "../database/journal";
import { serverUrl } from "../database/server-url";
import { RolloutError } from "../engine/client";
import { loadRollout, rolloutName } from "../plan/load";
import { UsageError } from "./session";

export interface CommonOptions {
  file: string;
  database?: string;
  rollout?: string;
}

/** The definition that commands read where no other is given. */
export const DEFAULT_FILE = "rollout.yaml";

/** Adds the option that names the definition, which every command has. */
export const withFileOption = (command: Command): Command =>
  command.option("--file <file>", "the definition of the rollout", DEFAULT_FILE);

const DATABASE_VARIABLE = "SAFEGUARD_ROLLOUT_DATABASE";

/** Commander would show the whole URL with its password. @throws UsageError */
function databaseOf(text: string): string {
  try {
    return serverUrl(text);
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new UsageError(`--database or ${DATABASE_VARIABLE}: ${cause}`);
  }
}

/** Adds the options of every command that needs the database. */
export function withCommonOptions(command: Command): Command {
  return withFileOption(command).addOption(
    new Option("--database <url>", "a PostgreSQL database; default: an embedded one in the folder .rollout")
      .env(DATABASE_VARIABLE)
      .argParser(databaseOf),
  );
}

/** Adds the choice of an earlier rollout. */
export function withRolloutOption(command: Command): Command {
  return withCommonOptions(command).option(
    "--rollout <id>",
    "a rollout, such as branches.3; default: the latest one of the file",
  );
}

/** Reads the reason of a command, which is kept. @throws InvalidArgumentError when it is blank */
export function reasonOf(text: string): string {
  // Characters of control and format show nothing either.
  const reason = inOneLine(text);
  if (reason !== "") return reason;
  throw new InvalidArgumentError("It must not be blank.");
}

export function locationOf({ file, database }: CommonOptions): DatabaseLocation {
  if (database !== undefined) return { url: database };
  return { folder: join(dirname(resolve(file)), ".rollout") };
}

/** Opens the database, and closes it after the work. */
export async function withDatabase<T>(options: CommonOptions, work: (database: Database) => Promise<T>): Promise<T> {
  const database = await openDatabase(locationOf(options));
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

type RolloutWork<T> = (database: Database, record: RolloutRecord) => Promise<T>;

/** Works with the rollout that the options name. @throws RolloutError when there is none, DefinitionError before it opens a database */
export const withRollout = <T>(options: CommonOptions, work: RolloutWork<T>): Promise<T> =>
  withNamed(options.rollout === undefined ? loadRollout(options.file).plan.name : undefined, options, work);

/** The same for work that only reads the journal: the sites of the file do not matter to it, and thousands take long to read. */
export const withJournal = <T>(options: CommonOptions, work: RolloutWork<T>): Promise<T> =>
  withNamed(options.rollout === undefined ? rolloutName(options.file) : undefined, options, work);

/** With the latest rollout of a name, or with the one that the options choose. */
function withNamed<T>(name: string | undefined, options: CommonOptions, work: RolloutWork<T>): Promise<T> {
  return withDatabase(options, async (database) => {
    const { pool } = database;
    const { rollout = "" } = options;
    const record = await (name === undefined ? findRollout(pool, rollout) : latestRollout(pool, name));
    if (record) return work(database, record);
    throw new RolloutError(
      `rollout ${name ?? rollout}: it is not in the database; run rollout start, or name another one with --rollout`,
    );
  });
}

/** The user of the machine, who is kept with every command. */
export function currentUser(): string {
  const given = inOneLine(process.env.SAFEGUARD_ROLLOUT_USER ?? "");
  if (given !== "") return given;
  try {
    return userInfo().username;
  } catch {
    // Containers run as users without a name.
    return `user ${process.getuid?.() ?? "without a name"}`;
  }
}

/** Nobody may forge lines of a log, or move the cursor of a terminal. */
const inOneLine = (text: string) => text.replace(/[\s\p{C}]+/gu, " ").trim();
