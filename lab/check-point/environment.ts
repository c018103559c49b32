/** What `set clienv` takes, and what a session begins with, as the administration guide has them. */
export const SETTINGS = {
  "config-lock": { values: /^(on|off)$/, first: "on" },
  debug: { values: /^[0-6]$/, first: "0" },
  "echo-cmd": { values: /^(on|off)$/, first: "off" },
  "on-failure": { values: /^(stop|continue)$/, first: "stop" },
  output: { values: /^(pretty|structured|xml)$/, first: "pretty" },
  prompt: { values: /^[ -~]+$/, first: "%M" },
  "syntax-check": { values: /^(on|off)$/, first: "off" },
} as const;

type SettingName = keyof typeof SETTINGS;
/** The names of the settings. */
export const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[];

/** The settings of a session. */
export type Environment = Record<SettingName, string>;

/** The settings of a new session. */
export function newEnvironment(): Environment {
  return Object.fromEntries(SETTING_NAMES.map((name) => [name, SETTINGS[name].first])) as Environment;
}

/** The prompt of a session: `%M` is the name of the gateway, `%U` the user, `%I` the user's number, `%H` that of the command. */
export function promptText(prompt: string, facts: { hostname: string; user: string; command: number }): string {
  const texts: Readonly<Record<string, string>> = {
    M: facts.hostname,
    U: facts.user,
    I: "0",
    H: String(facts.command),
    P: "Gaia",
  };
  return prompt.replace(/%([MUIHP])/g, (_match, letter: string) => texts[letter] ?? "");
}
