import { SETTING_NAMES, SETTINGS } from "../../environment";
import { type Command, invalid } from "../command";

/** `clienv`: how Clish behaves in a session. Assumed: a setting is shown as its name with a capital letter, and its value. */
export const ENVIRONMENT_COMMANDS: Command[] = [
  {
    pattern: "set clienv rows <value>",
    run: (session, [rows = ""]) => {
      if (!/^\d{1,4}$/.test(rows)) return `CLINFR0409  Range check fails: Invalid value ${rows}`;
      session.rows = Number(rows);
      return undefined;
    },
  },
  { pattern: "show clienv rows", run: ({ rows }) => `Rows ${rows}` },
  ...SETTING_NAMES.flatMap((name): Command[] => [
    {
      pattern: `set clienv ${name} <value>`,
      run: ({ environment }, [value = ""]) => {
        if (!SETTINGS[name].values.test(value)) return invalid(`set clienv ${name} ${value}`);
        environment[name] = value;
        return undefined;
      },
    },
    { pattern: `show clienv ${name}`, run: ({ environment }) => shown(name, environment[name]) },
  ]),
  {
    pattern: "show clienv all",
    run: ({ environment, rows }) =>
      [...SETTING_NAMES.map((name) => [name, environment[name]] as const), ["rows", String(rows)] as const]
        .sort(([left], [right]) => (left < right ? -1 : 1))
        .map(([name, value]) => shown(name, value))
        .join("\n"),
  },
  {
    pattern: "save clienv",
    run: ({ device, environment }) => {
      device.environment = { ...environment };
      return undefined;
    },
  },
];

function shown(name: string, value: string): string {
  return `${(name[0] ?? "").toUpperCase()}${name.slice(1)} ${value}`;
}
