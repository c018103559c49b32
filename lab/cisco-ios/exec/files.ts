import { configurationText } from "../configuration";
import type { Device } from "../device";
import { differencesText, incrementalText } from "../differences";
import { emptyConfiguration, loadText } from "../load-text";
import { BAD_NAME } from "../modes/context";
import { save } from "./configure";
import type { ExecCommand, ExecSession } from "./session";

/** What `configure replace` may be asked for besides the file. */
const REPLACE_OPTIONS = ["", " force", " force revert trigger error", " force revert timer <number>"]
  .concat(" force revert trigger error timer <number>", " revert trigger error", " revert timer <number>")
  .concat(" revert trigger error timer <number>", " time <number>", " force time <number>");

const RESTORED = "The original configuration has been successfully restored";

/** Commands on files, and those that take a configuration from one. */
export const FILE_COMMANDS: readonly ExecCommand[] = [
  { pattern: "dir", run: ({ device }) => device.files.list() },
  { pattern: "dir <name>", run: ({ device }, [path]) => device.files.list(path) },
  { pattern: "more <name>", run: ({ device }, [path = ""]) => textOf(device, path) ?? missing(path) },
  { pattern: "verify /md5 <name>", run: verify },
  { pattern: "delete <name>", run: (session, [path = ""]) => remove(session, path, false) },
  { pattern: "delete /force <name>", run: (session, [path = ""]) => remove(session, path, true) },
  { pattern: "copy running-config startup-config", run: (session) => copyToStartup(session) },
  { pattern: "copy <name> running-config", run: (session, [path = ""]) => merge(session, path) },
  { pattern: "copy <name> <name>", run: (session, [from = "", to = ""]) => copy(session, from, to) },
  { pattern: "copy running-config <name>", run: (session, [to = ""]) => copy(session, "running-config", to) },
  { pattern: "copy startup-config <name>", run: (session, [to = ""]) => copy(session, "startup-config", to) },
  ...REPLACE_OPTIONS.map(
    (options): ExecCommand => ({ pattern: `configure replace <name>${options}`, run: replaceWith(options) }),
  ),
  {
    pattern: "show archive config differences <name> <name>",
    run: ({ device }, [before = "", after = ""]) => compare(device, before, after),
  },
  {
    pattern: "show archive config differences <name>",
    run: ({ device }, [before = ""]) => compare(device, before, "running-config"),
  },
  {
    pattern: "show archive config differences",
    run: ({ device }) => compare(device, "startup-config", "running-config"),
  },
  ...["", " ignorecase"].map(
    (option): ExecCommand => ({
      pattern: `show archive config incremental-diffs <name>${option}`,
      run: ({ device }, [path = ""]) => {
        const file = textOf(device, path);
        return file === undefined ? missing(path) : incrementalText(runningText(device), file);
      },
    }),
  ),
];

/** The content of a file, or of a configuration by the name that stands for it; undefined when there is none. */
function textOf(device: Device, path: string): string | undefined {
  if (/^(system:\/?)?running-config$/.test(path)) return `${runningText(device)}\n`;
  if (/^(nvram:\/?)?startup-config$/.test(path)) return `${configurationText(device.startup, device.spelling)}\n`;
  return path === "null:" ? "" : device.files.read(path);
}

function runningText(device: Device): string {
  return configurationText(device.running, device.spelling);
}

function missing(path: string): string {
  return `%Error opening ${path} (No such file or directory)`;
}

function compare(device: Device, before: string, after: string): string {
  const [old, now] = [textOf(device, before), textOf(device, after)];
  if (old === undefined) return missing(before);
  return now === undefined ? missing(after) : differencesText(old, now);
}

function verify({ device }: ExecSession, [path = ""]: string[]): string {
  const sum = device.files.md5(path);
  return sum === undefined ? missing(path) : `.Done!\nverify /md5 (${path}) = ${sum}\n`;
}

async function remove(session: ExecSession, path: string, isForced: boolean): Promise<string | undefined> {
  const name = session.device.files.nameOf(path);
  if (!isForced) {
    await session.ask(`Delete filename [${name ?? path}]? `);
    const answer = await session.ask(`Delete ${path}? [confirm]`);
    if (answer !== "" && !/^y/i.test(answer)) return undefined;
  }
  return session.device.files.remove(path) ? undefined : `%Error deleting ${path} (No such file or directory)`;
}

/** Asks for the name of the copy, unless `file prompt quiet` is set. */
async function confirmName(session: ExecSession, name: string): Promise<void> {
  if (!session.device.running.globals.includes("file prompt quiet"))
    await session.ask(`Destination filename [${name}]? `);
}

async function copyToStartup(session: ExecSession): Promise<string> {
  await confirmName(session, "startup-config");
  return save(session);
}

async function copy(session: ExecSession, from: string, to: string): Promise<string> {
  const { device } = session;
  const text = textOf(device, from);
  if (text === undefined) return missing(from);
  const name = device.files.nameOf(to);
  if (name === undefined) return `%Error opening ${to} (No such device)`;
  await confirmName(session, name);
  device.files.write(to, text);
  return copied(text);
}

async function merge(session: ExecSession, path: string): Promise<string> {
  const { device } = session;
  const text = textOf(device, path);
  if (text === undefined) return missing(path);
  await confirmName(session, "running-config");
  const { configuration, refused } = loadText(device.running, text);
  await device.replaceRunning(configuration);
  // A refused line is shown; those after it are entered nevertheless.
  const errors = refused.flatMap((line) => [line, "  ^", BAD_NAME, ""]);
  return [...errors, copied(text)].join("\n");
}

function copied(text: string): string {
  return `${Buffer.byteLength(text)} bytes copied in 0.080 secs (${Buffer.byteLength(text) * 12} bytes/sec)`;
}

function replaceWith(options: string) {
  return async (session: ExecSession, [path = "", minutes]: string[]): Promise<string | undefined> => {
    const { device, user } = session;
    const file = textOf(device, path);
    if (file === undefined) return missing(path);
    if (options.includes("revert") && device.running.archive.path === undefined)
      return "%Error: Turn config archive on before using Rollback Confirmed Change";
    if (minutes !== undefined && device.pendingRollback) return "%Error: Rollback Confirmed Change is already pending";
    if (!options.includes("force") && !(await isReplaceWanted(session))) return undefined;
    const { configuration, refused } = loadText(emptyConfiguration(device.running), file);
    const backup =
      minutes === undefined
        ? []
        : [
            `Rollback Confirmed Change: Backing up current running config to ${device.armRollback(Number(minutes), user)}\n`,
          ];
    if (refused.length > 0 && options.includes("trigger error")) {
      if (minutes !== undefined) device.confirm();
      return [...backup, ...failures(refused), RESTORED].join("\n");
    }
    await device.replaceRunning(configuration);
    if (refused.length > 0) return [...backup, "Total number of passes: 5", ...failures(refused)].join("\n");
    return [...backup, "Total number of passes: 1", "Rollback Done", ""].join("\n");
  };
}

async function isReplaceWanted(session: ExecSession): Promise<boolean> {
  const answer = await session.ask(
    [
      "This will apply all necessary additions and deletions",
      "to replace the current running configuration with the",
      "contents of the specified configuration file, which is",
      "assumed to be a complete configuration, not a partial",
      "configuration. Enter Y if you are sure you want to proceed. ? [no]: ",
    ].join("\n"),
  );
  return /^y/i.test(answer);
}

function failures(refused: readonly string[]): string[] {
  return [
    "",
    "Rollback aborted after 5 passes",
    "The following commands are failed to apply to the IOS image.",
    "********",
    ...refused,
    "********",
  ];
}
