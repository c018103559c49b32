import { userInfo } from "node:os";
import { dirname, join, resolve } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import { type Database, type DatabaseLocation, openDatabase } from "../database/database";
import { findRollout, type RolloutRecord } from "../database/journal";
import { RolloutError } from "../engine/client";
import { loadRollout, rolloutName } from "../plan/load";

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

/** Adds the options of every command that needs the database. */
export function withCommonOptions(command: Command): Command {
  return withFileOption(command).addOption(
    new Option("--database <url>", "a PostgreSQL database; default: an embedded one in the folder .rollout").env(
      "SAFEGUARD_ROLLOUT_DATABASE",
    ),
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
  if (/[^\s\p{C}]/u.test(text)) return text;
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
  withNamed(options.rollout ?? loadRollout(options.file).plan.name, options, work);

/** The same for work that only reads the journal: the sites of the file do not matter to it, and thousands take long to read. */
export const withJournal = <T>(options: CommonOptions, work: RolloutWork<T>): Promise<T> =>
  withNamed(options.rollout ?? rolloutName(options.file), options, work);

function withNamed<T>(name: string, options: CommonOptions, work: RolloutWork<T>): Promise<T> {
  return withDatabase(options, async (database) => {
    const record = await findRollout(database.pool, name);
    if (record) return work(database, record);
    throw new RolloutError(
      `rollout ${name}: it is not in the database; run rollout start, or name another one with --rollout`,
    );
  });
}

/** The user of the machine, who is kept with every command. */
export const currentUser = () => process.env.SAFEGUARD_ROLLOUT_USER || userInfo().username;
