import type { Device } from "../device";
import { BAD_NAME } from "../modes/context";
import { enableCheck, isPasswordOf, privilegeOf } from "../modes/users";
import type { ExecCommand, ExecSession } from "./session";

/** The level with all commands. Those of levels 2 to 14 are the commands of level 1, as long as no command was moved. */
export const HIGHEST_LEVEL = 15;

/** `enable` and `disable`, alone and with a level. */
export const PRIVILEGE_COMMANDS: readonly ExecCommand[] = [
  { pattern: "enable", run: (session) => enable(session, HIGHEST_LEVEL) },
  { pattern: "enable <number>", run: (session, [level]) => enable(session, Number(level)) },
  { pattern: "disable", run: (session) => disable(session, 1) },
  { pattern: "disable <number>", run: (session, [level]) => disable(session, Number(level)) },
  { pattern: "show privilege", run: ({ privilege }) => `Current privilege level is ${privilege}` },
];

/** Whether a user may log in: with the password of the configuration, else with that of the device. */
export function acceptsLogin(device: Device, username: string, password: string | undefined): boolean {
  if (!device.isLoginPossible || password === undefined) return false;
  const isConfigured = isPasswordOf(device.running, username, password);
  return isConfigured ?? (username === device.username && password === device.password);
}

/** The privilege level with which a user logs in. */
export function loginLevel({ running, loginPrivilege }: Device, username: string): number {
  return privilegeOf(running, username) ?? loginPrivilege;
}

/** A higher level needs its password, which is asked for three times. */
async function enable(session: ExecSession, level: number): Promise<string | undefined> {
  if (level < 1 || level > HIGHEST_LEVEL) return BAD_NAME;
  if (level <= session.privilege) return disable(session, level);
  const { running, enablePassword } = session.device;
  const own = level === HIGHEST_LEVEL && enablePassword !== undefined;
  const isRight = enableCheck(running, level) ?? (own ? (typed: string) => typed === enablePassword : undefined);
  if (!isRight) return "% No password set\n";
  for (let attempt = 0; attempt < 3; attempt += 1) {
    if (isRight(await session.ask("Password: ", true))) {
      session.privilege = level;
      return undefined;
    }
  }
  return "% Bad secrets\n";
}

function disable(session: ExecSession, level: number): string | undefined {
  if (level < 1 || level > session.privilege) return BAD_NAME;
  session.privilege = level;
  return undefined;
}
