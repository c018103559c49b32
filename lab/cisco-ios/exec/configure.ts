import { type Configuration, configurationText } from "../configuration";
import { BAD_NAME } from "../modes/context";
import type { ExecCommand, ExecSession } from "./session";

const ENTER = "Enter configuration commands, one per line.  End with CNTL/Z.";
const NOT_PENDING = "%No Rollback Confirmed Change pending";

/** The commands that enter the configuration mode, and those of the timers of changes. */
export const CONFIGURE_COMMANDS: readonly ExecCommand[] = [
  { pattern: "configure terminal", run: (session) => configure(session) },
  { pattern: "configure terminal revert timer <number>", run: configureWithTimer },
  { pattern: "configure confirm", run: ({ device }) => (device.confirm() ? undefined : NOT_PENDING) },
  {
    pattern: "configure revert now",
    run: async ({ device }) =>
      (await device.rollBack())
        ? "Rollback Confirmed Change: rolling to the backup\n\nTotal number of passes: 1\nRollback Done\n"
        : NOT_PENDING,
  },
  { pattern: "reload in <number>", run: scheduleReload },
  {
    pattern: "reload cancel",
    run: ({ device }) =>
      device.cancelReload() ? "\n\n***\n*** --- SHUTDOWN ABORTED ---\n***\n" : "%No reload is scheduled.",
  },
  {
    pattern: "show reload",
    run: ({ device }) =>
      device.pendingReload ? `Reload scheduled in ${device.pendingReload.minutes} minutes` : "No reload is scheduled.",
  },
  { pattern: "reload", run: reload },
  ...["write", "write memory"].map((pattern): ExecCommand => ({ pattern, run: save })),
  {
    pattern: "archive config",
    run: ({ device }) => (device.archiveRunning() ? undefined : "% Archive path is not set, or cannot be written"),
  },
  {
    pattern: "show archive config rollback timer",
    run: ({ device: { pendingRollback } }) =>
      pendingRollback
        ? `Time configured(or reconfigured): 10:00:00 UTC Mon Jan 5 2026\nTimer type: absolute timer\nTimer value: ${pendingRollback.minutes} min\nUser: ${pendingRollback.user}`
        : NOT_PENDING,
  },
];

function configure(session: ExecSession): string {
  const { lockedBy } = session.device;
  if (lockedBy) {
    const { process, user, terminal } = lockedBy;
    return `Configuration mode is locked by process '${process}' user '${user}' from terminal '${terminal}'. Please try later.`;
  }
  session.enterConfiguration();
  return ENTER;
}

function configureWithTimer(session: ExecSession, [minutes]: string[]): string {
  const { device, user } = session;
  if (Number(minutes) < 1 || Number(minutes) > 120) return BAD_NAME;
  if (device.running.archive.path === undefined)
    return "%Error: Turn config archive on before using Rollback Confirmed Change";
  if (device.pendingRollback) return "%Error: Rollback Confirmed Change is already pending";
  const entered = configure(session);
  if (entered !== ENTER) return entered;
  const backup = device.armRollback(Number(minutes), user);
  return `Rollback Confirmed Change: Backing up current running config to ${backup}\n\n${ENTER}`;
}

async function scheduleReload(session: ExecSession, [minutes]: string[]): Promise<string | undefined> {
  const announcement = `Reload scheduled in ${minutes} minutes by ${session.user} on vty${session.line}\n`;
  if (await isReloadWanted(session, announcement)) session.device.scheduleReload(Number(minutes));
  return undefined;
}

/** Restarts at once; the session ends with all others. */
async function reload(session: ExecSession): Promise<string | undefined> {
  if (await isReloadWanted(session, "")) await session.device.reload();
  return undefined;
}

/** Asks whether to save a changed configuration, and whether to go on. */
async function isReloadWanted(session: ExecSession, announcement: string): Promise<boolean> {
  const { device } = session;
  const text = (one: Configuration) => configurationText(one, device.spelling);
  if (text(device.running) !== text(device.startup)) {
    const answer = await session.ask("\nSystem configuration has been modified. Save? [yes/no]: ");
    if (/^y/i.test(answer)) session.print(`${save(session)}\n`);
  }
  const answer = await session.ask(`${announcement}Proceed with reload? [confirm]`);
  return answer === "" || /^y/i.test(answer);
}

/** Saves the running configuration. */
export function save({ device }: ExecSession): string {
  device.save();
  return "Building configuration...\n[OK]";
}
