import type { Configuration } from "../../configuration";
import type { ConfigurationCommand } from "../command";
import { refused } from "../command";

/** Settings that are only kept: one line for each pattern, by the values before its last one. */
const KEPT = [
  ...["suffix", "primary", "secondary", "tertiary"].map((part) => `dns ${part} <value>`),
  "domainname <value>",
  "ntp active <value>",
  ...["primary", "secondary"].flatMap((rank) => [
    `ntp server ${rank} <value>`,
    `ntp server ${rank} <value> version <value>`,
  ]),
  "password-controls min-password-length <value>",
  "timezone <value> / <value>",
  "user <value> shell <value>",
  "user <value> password-hash <value>",
] as const;

/** Commands for lines of `show configuration` beside interfaces and routes, so that a saved configuration can be loaded. */
export const KEPT_SETTINGS: ConfigurationCommand[] = [
  ...KEPT.map(
    (pattern): ConfigurationCommand => ({
      pattern: `set ${pattern}`,
      run: (configuration, values, line) => {
        if (pattern.startsWith("ntp active") && !/^(on|off)$/.test(values[0] ?? "")) {
          return refused("Boolean check fails", line, values[0] ?? "");
        }
        keep(configuration, startOf(pattern, values), wordsOf(`set ${pattern}`, values));
        return undefined;
      },
    }),
  ),
  ...["domainname", "dns suffix", "dns primary", "dns secondary", "dns tertiary"].map(
    (name): ConfigurationCommand => ({
      pattern: `delete ${name}`,
      run: (configuration) => remove(configuration, (line) => line.startsWith(`set ${name} `)),
    }),
  ),
  {
    pattern: "delete ntp server <value>",
    run: (configuration, [server]) =>
      remove(configuration, (line) => /^set ntp server \w+ (\S+)/.exec(line)?.[1] === server),
  },
];

function wordsOf(pattern: string, values: readonly string[]): string {
  const rest = [...values];
  return pattern
    .split(" ")
    .map((word) => (word === "<value>" ? (rest.shift() ?? "") : word))
    .join(" ");
}

/** The words that a new line has in common with the one that it replaces. */
function startOf(pattern: string, values: readonly string[]): string {
  if (pattern.startsWith("user ")) return `${wordsOf(`set ${pattern}`, values).split(" ").slice(0, 4).join(" ")} `;
  return `set ${pattern.slice(0, pattern.indexOf("<value>"))}`;
}

function keep({ others }: Configuration, start: string, line: string): void {
  const known = others.findIndex((one) => one.startsWith(start));
  others.splice(known < 0 ? others.length : known, known < 0 ? 0 : 1, line);
}

function remove(configuration: Configuration, isMeant: (line: string) => boolean): undefined {
  configuration.others = configuration.others.filter((line) => !isMeant(line));
}
