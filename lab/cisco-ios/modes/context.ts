import type { Pattern } from "../command-table";
import type { Configuration, Interface } from "../configuration";

/** Where a session is in the configuration. */
export type Place =
  | { mode: "config" }
  | { mode: "config-if"; name: string }
  | { mode: "config-std-nacl"; name: string }
  | { mode: "config-ext-nacl"; name: string }
  | { mode: "config-route-map"; map: string; number: number }
  | { mode: "config-ip-sla" | "config-ip-sla-echo" | "config-ip-sla-tcp" | "config-track"; number: number }
  | { mode: "config-archive" | "config-sec-zone" }
  | { mode: "config-network-group" | "config-service-group"; name: string }
  | { mode: "config-ipv6-acl" | "config-vrf"; name: string }
  | { mode: "config-vrf-af"; name: string; family: "ipv4" | "ipv6" }
  | { mode: "config-if-range"; names: string[] }
  | { mode: "config-time-range"; name: string }
  | { mode: "config-line"; name: string };

/** What a configuration command works on. A command may move to another place, and its text is printed. */
export interface ConfigurationContext {
  configuration: Configuration;
  place: Place;
}

/** A command of a configuration mode. */
export interface ConfigurationCommand extends Pattern {
  run(context: ConfigurationContext, values: string[]): string | undefined;
}

/** What a device prints for a name or a number that it does not accept. */
export const BAD_NAME = "% Invalid input detected at '^' marker.";

/** Commands for settings that are on unless the configuration says `no`; that line is kept. */
export function onByDefault(
  settings: readonly string[],
  linesOf: (context: ConfigurationContext) => string[] | undefined,
): ConfigurationCommand[] {
  return settings.flatMap((setting): ConfigurationCommand[] => {
    const off = `no ${setting}`;
    return [
      {
        pattern: setting,
        run: (context) => {
          const lines = linesOf(context) ?? [];
          if (lines.includes(off)) lines.splice(lines.indexOf(off), 1);
          return undefined;
        },
      },
      {
        pattern: off,
        run: (context) => {
          const lines = linesOf(context);
          if (lines && !lines.includes(off)) lines.push(off);
          return undefined;
        },
      },
    ];
  });
}

/**
 * Commands for lines that are kept as typed: one for each pattern, and its `no` form, which removes the lines that begin
 * with its words. A line whose pattern ends with `!` replaces the lines of the same pattern.
 */
export function keptLines(
  patterns: readonly string[],
  linesOf: (context: ConfigurationContext) => string[] | undefined,
): ConfigurationCommand[] {
  return patterns.flatMap((given): ConfigurationCommand[] => {
    const pattern = given.replace(/!$/, "");
    const isSingle = pattern !== given;
    const words = pattern.split(" ");
    const fixed = words.filter((word) => !word.startsWith("<")).join(" ");
    const textOf = (values: string[]) => {
      const rest = [...values];
      const text = words.map((word) => (word.startsWith("<") && word !== "<words>" ? rest.shift() : word)).join(" ");
      return text.replace("<words>", rest.join(" "));
    };
    const keep = (context: ConfigurationContext, values: string[]): undefined => {
      const lines = linesOf(context);
      const text = textOf(values);
      if (!lines || lines.includes(text)) return;
      const old = isSingle ? lines.findIndex((line) => isOfPattern(line, words)) : -1;
      if (old < 0) lines.push(text);
      else lines[old] = text;
    };
    const removed = (context: ConfigurationContext, isMeant: (line: string) => boolean): undefined => {
      const lines = linesOf(context) ?? [];
      for (const line of lines.filter(isMeant)) lines.splice(lines.indexOf(line), 1);
    };
    return [
      { pattern, run: keep },
      {
        pattern: `no ${pattern}`,
        run: (context, values) =>
          removed(context, (line) => line === textOf(values) || line.startsWith(`${textOf(values)} `)),
      },
      ...(isSingle && fixed !== pattern && pattern.startsWith(fixed)
        ? [
            {
              pattern: `no ${fixed}`,
              run: (context: ConfigurationContext) => removed(context, (line) => line.startsWith(fixed)),
            },
          ]
        : []),
    ];
  });
}

function isOfPattern(line: string, words: readonly string[]): boolean {
  const own = line.split(" ");
  return words.every((word, index) => word.startsWith("<") || word === own[index]);
}

/** The interface that the context is in. */
export function interfaceOf({ configuration, place }: ConfigurationContext): Interface | undefined {
  return configuration.interfaces.find(({ name }) => place.mode === "config-if" && name === place.name);
}

/** A command that changes the interface of the context; its text is printed. */
export function onInterface(change: (one: Interface, values: string[]) => unknown) {
  return (context: ConfigurationContext, values: string[]): string | undefined => {
    const found = interfaceOf(context);
    const answer = found && change(found, values);
    return typeof answer === "string" ? answer : undefined;
  };
}
