import type { Configuration } from "../configuration";
import { BAD_NAME, type ConfigurationCommand } from "./context";
import { matchesSecret, secretText } from "./secrets";

/** A password of a user, or of a privilege level: as typed, or its hash. */
interface StoredPassword {
  kind: "password" | "secret";
  /** 0 as typed, 9 a hash. */
  type: 0 | 9;
  text: string;
}

/** A user of the configuration. */
interface LocalUser {
  name: string;
  /** 1 without another one. */
  privilege?: number;
  stored?: StoredPassword;
}

/** `username` and `enable`: the users, their privilege levels, and the passwords of levels. */
export const USER_COMMANDS: readonly ConfigurationCommand[] = [
  {
    pattern: "username <name> <words>",
    run: ({ configuration }, [name = "", ...words]) => setUser(configuration, name, words),
  },
  { pattern: "username <name>", run: ({ configuration }, [name = ""]) => setUser(configuration, name, []) },
  {
    pattern: "no username <name>",
    run: ({ configuration }, [name = ""]) => removeLines(configuration, `username ${name}`),
  },
  ...(["password", "secret"] as const).flatMap((kind): ConfigurationCommand[] => [
    { pattern: `enable ${kind} <words>`, run: ({ configuration }, words) => setEnable(configuration, kind, words) },
    { pattern: `no enable ${kind}`, run: ({ configuration }) => removeLines(configuration, `enable ${kind}`, "level") },
    {
      pattern: `no enable ${kind} level <number>`,
      run: ({ configuration }, [level]) => removeLines(configuration, `enable ${kind} level ${level}`),
    },
  ]),
];

/** The privilege level that the configuration gives a user; undefined for a user that it does not have. */
export function privilegeOf({ globals }: Configuration, name: string): number | undefined {
  const found = userOf(globals, name);
  return found && (found.privilege ?? 1);
}

/** Whether the configuration has the password of a user; undefined when it has no password for the name. */
export function isPasswordOf({ globals }: Configuration, name: string, password: string): boolean | undefined {
  const stored = userOf(globals, name)?.stored;
  return stored && isOf(stored, password);
}

/** The check of the password of a privilege level; undefined when the configuration has none. A secret comes first. */
export function enableCheck({ globals }: Configuration, level: number): ((password: string) => boolean) | undefined {
  for (const kind of ["secret", "password"]) {
    const start = level === 15 ? `enable ${kind} ` : `enable ${kind} level ${level} `;
    const line = globals.find((one) => one.startsWith(start) && !(level === 15 && one.startsWith(`${start}level `)));
    const stored = line === undefined ? undefined : storedOf([kind, ...line.slice(start.length).split(" ")]);
    if (stored) return (password) => isOf(stored, password);
  }
  return undefined;
}

function setUser({ globals }: Configuration, name: string, words: readonly string[]): string | undefined {
  const rest = [...words];
  const user: LocalUser = { ...userOf(globals, name), name };
  if (rest[0] === "privilege") {
    const [, level = ""] = rest.splice(0, 2);
    if (!isLevel(level)) return BAD_NAME;
    user.privilege = Number(level);
  }
  if (rest.length > 0) {
    const stored = storedOf(rest);
    if (!stored) return BAD_NAME;
    user.stored = stored;
  }
  replaceLine(globals, `username ${name}`, userText(user));
  return undefined;
}

function setEnable({ globals }: Configuration, kind: StoredPassword["kind"], words: string[]): string | undefined {
  const level = words[0] === "level" ? words.splice(0, 2)[1] : "15";
  const stored = storedOf([kind, ...words]);
  if (!stored || level === undefined || !isLevel(level)) return BAD_NAME;
  const start = level === "15" ? `enable ${kind}` : `enable ${kind} level ${level}`;
  replaceLine(globals, start, `${start} ${storedText(stored)}`, level === "15" ? "level" : undefined);
  return undefined;
}

/** `secret TEXT`, `secret 0 TEXT`, `secret 9 HASH`, `password TEXT`: a secret is kept as its hash. */
function storedOf(words: readonly string[]): StoredPassword | undefined {
  const [kind, ...rest] = words;
  if ((kind !== "password" && kind !== "secret") || rest.length === 0) return undefined;
  const [type, ...more] = rest;
  if (kind === "secret" && type === "9" && more.length === 1) return { kind, type: 9, text: more[0] ?? "" };
  const text = type === "0" && more.length > 0 ? more.join(" ") : rest.join(" ");
  return kind === "secret" ? { kind, type: 9, text: secretText(text) } : { kind, type: 0, text };
}

function isOf({ type, text }: StoredPassword, password: string): boolean {
  return type === 9 ? matchesSecret(password, text) : password === text;
}

const storedText = ({ type, text }: StoredPassword) => `${type} ${text}`;

function userText({ name, privilege, stored }: LocalUser): string {
  const level = privilege === undefined || privilege === 1 ? "" : ` privilege ${privilege}`;
  return `username ${name}${level}${stored ? ` ${stored.kind} ${storedText(stored)}` : ""}`;
}

function userOf(globals: readonly string[], name: string): LocalUser | undefined {
  const line = globals.find((one) => one === `username ${name}` || one.startsWith(`username ${name} `));
  if (line === undefined) return undefined;
  const rest = line.split(" ").slice(2);
  const privilege = rest[0] === "privilege" ? Number(rest.splice(0, 2)[1]) : undefined;
  const stored = storedOf(rest);
  return { name, ...(privilege !== undefined && { privilege }), ...(stored && { stored }) };
}

function isLevel(text: string): boolean {
  return /^\d{1,2}$/.test(text) && Number(text) >= 1 && Number(text) <= 15;
}

/** Puts a line in the place of the one that begins with these words, and does not go on with `without`. */
function replaceLine(lines: string[], start: string, text: string, without?: string): void {
  const old = lines.findIndex((one) => isOfStart(one, start, without));
  lines.splice(old < 0 ? lines.length : old, old < 0 ? 0 : 1, text);
}

function removeLines(configuration: Configuration, start: string, without?: string): undefined {
  configuration.globals = configuration.globals.filter((one) => !isOfStart(one, start, without));
}

function isOfStart(line: string, start: string, without: string | undefined): boolean {
  const isStart = line === start || line.startsWith(`${start} `);
  return isStart && (without === undefined || !line.startsWith(`${start} ${without} `));
}
