import { type AccessList, type Entry, entryText, parseEntry } from "./access-list";
import { type Pattern, type Refusal, selectCommand } from "./command-table";
import type { Configuration, Interface, Sequence } from "./configuration";

/** Where a session is in the configuration. */
export type Place =
  | { mode: "config" }
  | { mode: "config-if"; name: string }
  | { mode: "config-ext-nacl"; name: string }
  | { mode: "config-route-map"; map: string; number: number }
  | { mode: "config-archive" };

/** What a configuration command works on. A command may move to another place, and its text is printed. */
export interface ConfigurationContext {
  configuration: Configuration;
  place: Place;
}

interface ConfigurationCommand extends Pattern {
  run(context: ConfigurationContext, values: string[]): string | undefined;
}

type Commands = ConfigurationCommand[];
type Mode = Place["mode"];

const BAD_NAME = "% Invalid input detected at '^' marker.";

/** The commands of each mode. Those of the global mode also work in the others and leave them. */
export const CONFIGURATION_COMMANDS: Record<Mode, Commands> = {
  config: [
    {
      pattern: "hostname <name>",
      run: ({ configuration }, [name = ""]) => {
        configuration.hostname = name;
        return undefined;
      },
    },
    { pattern: "interface <words>", run: (context, words) => enterInterface(context, words.join("")) },
    { pattern: "ip access-list extended <name>", run: (context, [name = ""]) => enterAccessList(context, name) },
    {
      pattern: "no ip access-list extended <name>",
      run: ({ configuration }, [name]) => {
        configuration.accessLists = configuration.accessLists.filter((list) => list.name !== name);
        return undefined;
      },
    },
    ...["permit", "deny"].flatMap(
      (action): Commands => [
        {
          pattern: `route-map <name> ${action} <number>`,
          run: (context, [map = "", number]) =>
            enterSequence(context, map, action as Sequence["action"], Number(number)),
        },
        {
          pattern: `no route-map <name> ${action} <number>`,
          run: ({ configuration }, [map, number]) => removeSequences(configuration, map, Number(number)),
        },
      ],
    ),
    { pattern: "no route-map <name>", run: ({ configuration }, [map]) => removeSequences(configuration, map) },
    {
      pattern: "archive",
      run: (context) => {
        context.place = { mode: "config-archive" };
        return undefined;
      },
    },
    {
      pattern: "no archive",
      run: ({ configuration }) => {
        delete configuration.archivePath;
        return undefined;
      },
    },
    {
      pattern: "ip routing",
      run: ({ configuration }) => {
        configuration.globals = configuration.globals.filter((line) => line !== "no ip routing");
        return undefined;
      },
    },
    {
      pattern: "no ip routing",
      run: ({ configuration }) => {
        if (!configuration.globals.includes("no ip routing")) configuration.globals.push("no ip routing");
        return undefined;
      },
    },
  ],
  "config-if": [
    {
      pattern: "description <line>",
      run: onInterface((one, [text = ""]) => {
        one.description = text;
      }),
    },
    { pattern: "no description", run: onInterface((one) => void delete one.description) },
    {
      pattern: "ip address <ipv4> <ipv4>",
      run: onInterface((one, [address = "", mask = ""]) => {
        one.address = { address, mask };
      }),
    },
    { pattern: "no ip address", run: onInterface((one) => void delete one.address) },
    // The new route-map replaces another one without a word.
    {
      pattern: "ip policy route-map <name>",
      run: onInterface((one, [map = ""]) => {
        one.policy = map;
      }),
    },
    { pattern: "no ip policy route-map <name>", run: onInterface((one) => void delete one.policy) },
    { pattern: "no ip policy route-map", run: onInterface((one) => void delete one.policy) },
    {
      pattern: "shutdown",
      run: onInterface((one) => {
        one.isShutDown = true;
      }),
    },
    {
      pattern: "no shutdown",
      run: onInterface((one) => {
        one.isShutDown = false;
      }),
    },
    ...(["rx", "any"] as const).map((check) => ({
      pattern: `ip verify unicast source reachable-via ${check}`,
      run: onInterface((one) => {
        one.sourceCheck = check;
      }),
    })),
    { pattern: "no ip verify unicast source", run: onInterface((one) => void delete one.sourceCheck) },
    ...["ip nat inside", "ip nat outside", "ip access-group <name> in", "ip access-group <name> out"].flatMap(
      (pattern): Commands => [
        { pattern, run: onInterface((one, [name = ""]) => void one.others.push(pattern.replace("<name>", name))) },
        {
          pattern: `no ${pattern}`,
          run: onInterface((one, [name = ""]) => {
            one.others = one.others.filter((line) => line !== pattern.replace("<name>", name));
          }),
        },
      ],
    ),
  ],
  "config-ext-nacl": [
    ...["permit", "deny"].flatMap(
      (action): Commands => [
        { pattern: `${action} <line>`, run: (context, [line = ""]) => addEntry(context, `${action} ${line}`) },
        {
          pattern: `<number> ${action} <line>`,
          run: (context, [number, line = ""]) => addEntry(context, `${action} ${line}`, Number(number)),
        },
        { pattern: `no ${action} <line>`, run: (context, [line = ""]) => removeEntry(context, `${action} ${line}`) },
      ],
    ),
    {
      pattern: "remark <line>",
      run: onAccessList((list, [text = ""]) => {
        if (!list.lastRemarks.includes(text)) list.lastRemarks.push(text);
      }),
    },
    {
      pattern: "no <number>",
      run: onAccessList((list, [number]) => {
        list.lines = list.lines.filter(({ sequence }) => sequence !== Number(number));
      }),
    },
  ],
  "config-route-map": [
    {
      pattern: "description <line>",
      run: onSequence((one, [text = ""]) => {
        one.description = text;
      }),
    },
    // Further lists and next hops are added to those before.
    { pattern: "match ip address <words>", run: onSequence((one, names) => addAll(one.accessLists, names)) },
    {
      pattern: "no match ip address <words>",
      run: onSequence((one, names) => {
        one.accessLists = one.accessLists.filter((name) => !names.includes(name));
      }),
    },
    { pattern: "set ip next-hop <words>", run: onSequence((one, hops) => addAll(one.nextHops, hops)) },
    {
      pattern: "no set ip next-hop <words>",
      run: onSequence((one, hops) => {
        one.nextHops = one.nextHops.filter((hop) => !hops.includes(hop));
      }),
    },
    { pattern: "set interface <words>", run: onSequence((one, names) => addAll(one.interfaces, names)) },
    {
      pattern: "no set interface <words>",
      run: onSequence((one, names) => {
        one.interfaces = one.interfaces.filter((name) => !names.includes(name));
      }),
    },
  ],
  "config-archive": [
    {
      pattern: "path <name>",
      run: ({ configuration }, [path]) => {
        if (path !== undefined) configuration.archivePath = path;
        return undefined;
      },
    },
    {
      pattern: "no path",
      run: ({ configuration }) => {
        delete configuration.archivePath;
        return undefined;
      },
    },
  ],
};

/** Executes one configuration command. Commands of the global mode leave the mode they are entered in. */
export function configureLine(context: ConfigurationContext, line: string): Refusal | { output: string | undefined } {
  const { mode } = context.place;
  const own = selectCommand(CONFIGURATION_COMMANDS[mode], line);
  const isLeaving = "refusal" in own && mode !== "config";
  const selection = isLeaving ? selectCommand(CONFIGURATION_COMMANDS.config, line) : own;
  if ("refusal" in selection) return "refusal" in own ? own : selection;
  if (isLeaving) context.place = { mode: "config" };
  return { output: selection.entry.run(context, selection.values) };
}

/** The interface with this name or abbreviation. */
export function findInterface(configuration: Configuration, text: string): Interface | undefined {
  const start = text.search(/\d/);
  const [kind, number] = [text.slice(0, start).toLowerCase(), text.slice(start)];
  return configuration.interfaces.find(({ name }) => {
    const fullStart = name.search(/\d/);
    return name.slice(fullStart) === number && name.slice(0, fullStart).toLowerCase().startsWith(kind);
  });
}

function enterInterface(context: ConfigurationContext, text: string): string | undefined {
  const found = findInterface(context.configuration, text);
  if (!found) return BAD_NAME;
  context.place = { mode: "config-if", name: found.name };
  return undefined;
}

function enterAccessList(context: ConfigurationContext, name: string): string | undefined {
  const { accessLists } = context.configuration;
  if (!accessLists.some((list) => list.name === name)) {
    accessLists.push({ name, lines: [], lastRemarks: [] });
    accessLists.sort((left, right) => (left.name < right.name ? -1 : 1));
  }
  context.place = { mode: "config-ext-nacl", name };
  return undefined;
}

function enterSequence(
  context: ConfigurationContext,
  map: string,
  action: Sequence["action"],
  number: number,
): string | undefined {
  if (number < 0 || number > 65535) return BAD_NAME;
  const { sequences } = context.configuration;
  const found = sequences.find((one) => one.map === map && one.number === number);
  if (found) found.action = action;
  else sequences.push({ map, action, number, accessLists: [], nextHops: [], interfaces: [] });
  sequences.sort((left, right) => left.map.localeCompare(right.map) || left.number - right.number);
  context.place = { mode: "config-route-map", map, number };
  return undefined;
}

function removeSequences(configuration: Configuration, map: string | undefined, number?: number): string | undefined {
  const isMeant = (one: Sequence) => one.map === map && (number === undefined || one.number === number);
  if (!configuration.sequences.some(isMeant)) return `%Route-map ${map} not found`;
  configuration.sequences = configuration.sequences.filter((one) => !isMeant(one));
  return undefined;
}

function addEntry(context: ConfigurationContext, text: string, number?: number): string | undefined {
  const entry = parseEntry(text.split(/ +/));
  const list = accessListOf(context);
  if (!entry || !list) return BAD_NAME;
  const isKnown = list.lines.some((line) => entryText(line.entry) === entryText(entry));
  if (isKnown) return undefined;
  if (number !== undefined && list.lines.some(({ sequence }) => sequence === number))
    return "% Duplicate sequence number";
  const last = list.lines.at(-1)?.sequence ?? 0;
  list.lines.push({ sequence: number ?? last + 10, remarks: list.lastRemarks.splice(0), entry });
  list.lines.sort((left, right) => left.sequence - right.sequence);
  return undefined;
}

function removeEntry(context: ConfigurationContext, text: string): string | undefined {
  const entry: Entry | undefined = parseEntry(text.split(/ +/));
  const list = accessListOf(context);
  if (!entry || !list) return BAD_NAME;
  list.lines = list.lines.filter((line) => entryText(line.entry) !== entryText(entry));
  return undefined;
}

function accessListOf({ configuration, place }: ConfigurationContext): AccessList | undefined {
  return configuration.accessLists.find((list) => place.mode === "config-ext-nacl" && list.name === place.name);
}

function addAll(list: string[], values: readonly string[]): void {
  for (const value of values) if (!list.includes(value)) list.push(value);
}

function onInterface(change: (one: Interface, values: string[]) => void) {
  return ({ configuration, place }: ConfigurationContext, values: string[]): undefined => {
    const found = configuration.interfaces.find(({ name }) => place.mode === "config-if" && name === place.name);
    if (found) change(found, values);
  };
}

function onAccessList(change: (list: AccessList, values: string[]) => void) {
  return (context: ConfigurationContext, values: string[]): undefined => {
    const found = accessListOf(context);
    if (found) change(found, values);
  };
}

function onSequence(change: (one: Sequence, values: string[]) => void) {
  return ({ configuration, place }: ConfigurationContext, values: string[]): undefined => {
    const found = configuration.sequences.find(
      ({ map, number }) => place.mode === "config-route-map" && map === place.map && number === place.number,
    );
    if (found) change(found, values);
  };
}
