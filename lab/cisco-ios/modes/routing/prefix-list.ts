import { networkText } from "../../../common/ipv4";
import type { Configuration } from "../../configuration";
import { BAD_NAME, type ConfigurationCommand } from "../context";

/** An entry of `ip prefix-list`. */
interface PrefixEntry {
  sequence: number;
  /** Its words after the number. */
  text: string;
}

const LIST = "ip prefix-list <name>";

/** `ip prefix-list`: each entry and the description is a line of the global part, by name and number. */
export const PREFIX_LIST_COMMANDS: readonly ConfigurationCommand[] = [
  {
    pattern: `${LIST} description <line>`,
    run: ({ configuration }, [name = "", text = ""]) => {
      removeLines(configuration, `ip prefix-list ${name} description `);
      insert(configuration, name, `description ${text}`);
      return undefined;
    },
  },
  {
    pattern: `no ${LIST} description`,
    run: ({ configuration }, [name]) => removeLines(configuration, `ip prefix-list ${name} description `),
  },
  {
    pattern: `no ${LIST} description <line>`,
    run: ({ configuration }, [name]) => removeLines(configuration, `ip prefix-list ${name} description `),
  },
  { pattern: `no ${LIST}`, run: ({ configuration }, [name]) => removeLines(configuration, `ip prefix-list ${name} `) },
  {
    pattern: `no ${LIST} seq <number>`,
    run: ({ configuration }, [name, number]) =>
      removeLines(configuration, `ip prefix-list ${name} seq ${Number(number)} `),
  },
  ...["permit", "deny"].flatMap((action): ConfigurationCommand[] => [
    {
      pattern: `${LIST} ${action} <words>`,
      run: ({ configuration }, [name = "", ...words]) => addEntry(configuration, name, [action, ...words]),
    },
    {
      pattern: `${LIST} seq <number> ${action} <words>`,
      run: ({ configuration }, [name = "", number, ...words]) =>
        addEntry(configuration, name, [action, ...words], Number(number)),
    },
    {
      pattern: `no ${LIST} ${action} <words>`,
      run: ({ configuration }, [name = "", ...words]) => removeEntry(configuration, name, [action, ...words]),
    },
    {
      pattern: `no ${LIST} seq <number> ${action} <words>`,
      run: ({ configuration }, [name = "", number, ...words]) =>
        removeEntry(configuration, name, [action, ...words], Number(number)),
    },
  ]),
];

/** Reads `permit 10.0.0.0/8 ge 16 le 24`; a text stands for a refusal. */
function parseEntry(words: readonly string[]): { text: string } | string {
  const [action = "", prefix = "", ...limits] = words;
  const [, address = "", digits = ""] = /^((?:\d{1,3}\.){3}\d{1,3})\/(\d{1,2})$/.exec(prefix) ?? [];
  const length = Number(digits);
  const known = new Map<string, number>();
  for (let index = 0; index < limits.length; index += 2) {
    const [key = "", value = ""] = limits.slice(index, index + 2);
    if (!/^(ge|le)$/.test(key) || !/^\d{1,2}$/.test(value) || known.has(key)) return BAD_NAME;
    known.set(key, Number(value));
  }
  if (address === "" || length > 32) return BAD_NAME;
  const [from, to] = [known.get("ge"), known.get("le")];
  const isRange = (from ?? to ?? 33) > length && (from ?? 0) <= (to ?? 32) && (to ?? from ?? 0) <= 32;
  if (known.size > 0 && !isRange) return `% Invalid prefix range for ${prefix}, make sure: len < ge-value <= le-value`;
  const shown = [...(from === undefined ? [] : [`ge ${from}`]), ...(to === undefined ? [] : [`le ${to}`])];
  return { text: [action, `${networkText(address, length)}/${length}`, ...shown].join(" ") };
}

function addEntry(configuration: Configuration, name: string, words: string[], number?: number): string | undefined {
  const entry = parseEntry(words);
  if (typeof entry === "string") return entry;
  const known = entriesOf(configuration, name);
  const same = known.find(({ text }) => text === entry.text);
  if (same) return undefined;
  const sequence = number ?? (Math.floor((known.at(-1)?.sequence ?? 0) / 5) + 1) * 5;
  removeLines(configuration, `ip prefix-list ${name} seq ${sequence} `);
  insert(configuration, name, `seq ${sequence} ${entry.text}`);
  return undefined;
}

function removeEntry(configuration: Configuration, name: string, words: string[], number?: number): string | undefined {
  const entry = parseEntry(words);
  if (typeof entry === "string") return entry;
  const found = entriesOf(configuration, name).find(
    ({ sequence, text }) => text === entry.text && (number === undefined || number === sequence),
  );
  if (!found) return `% Can't find entry for prefix list ${name}`;
  return removeLines(configuration, `ip prefix-list ${name} seq ${found.sequence} `);
}

/** The entries of a list in the order of their numbers. */
function entriesOf({ globals }: Configuration, name: string): PrefixEntry[] {
  return globals.flatMap((line) => {
    const [, list, sequence, text] = /^ip prefix-list (\S+) seq (\d+) (.+)$/.exec(line) ?? [];
    return list === name && text !== undefined ? [{ sequence: Number(sequence), text }] : [];
  });
}

/** Puts a line where it belongs: lists by name, the description first, entries by number. */
function insert({ globals }: Configuration, name: string, rest: string): void {
  const line = `ip prefix-list ${name} ${rest}`;
  const orderOf = (one: string) => Number(/ seq (\d+) /.exec(one)?.[1] ?? 0);
  const isLater = (one: string) => {
    const list = /^ip prefix-list (\S+) /.exec(one)?.[1];
    return list !== undefined && (list > name || (list === name && orderOf(one) > orderOf(line)));
  };
  const later = globals.findIndex(isLater);
  const last = globals.findLastIndex((one) => one.startsWith("ip prefix-list "));
  globals.splice(later >= 0 ? later : last >= 0 ? last + 1 : globals.length, 0, line);
}

function removeLines(configuration: Configuration, start: string): undefined {
  configuration.globals = configuration.globals.filter((line) => !line.startsWith(start));
}
