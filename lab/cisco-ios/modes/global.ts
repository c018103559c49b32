import { numberedKind } from "../access/access-list";
import { type Configuration, DEVICE_DEFAULTS, type Sequence } from "../configuration";
import { addEntry, addRemark, enterAccessList, resequence } from "./access/access-list";
import { IPV6_ACCESS_LIST_GLOBAL_COMMANDS } from "./access/ipv6-access-list";
import { OBJECT_GROUP_COMMANDS } from "./access/object-group";
import { TIME_RANGE_GLOBAL_COMMANDS } from "./access/time-range";
import { BANNER_COMMANDS } from "./banner";
import { BAD_NAME, type ConfigurationCommand, type ConfigurationContext, keptLines, onByDefault } from "./context";
import { enterInterface, removeInterface } from "./interface";
import { INTERFACE_RANGE_COMMANDS } from "./interface-range";
import { PREFIX_LIST_COMMANDS } from "./routing/prefix-list";
import { enterSequence, removeSequences } from "./routing/route-map";
import { STATIC_ROUTE_COMMANDS } from "./routing/static-route";
import { VRF_GLOBAL_COMMANDS } from "./routing/vrf";
import { SLA_COMMANDS } from "./sla";
import { SNMP_COMMANDS } from "./snmp";
import { USER_COMMANDS } from "./users";

/** Lines of the global part that are kept without an effect. `!`: one line for each pattern. */
const KEPT = [
  "service <words>",
  "file prompt <name>!",
  "ip domain name <name>!",
  "ip domain-name <name>!",
  "ip domain list <name>",
  "ip domain lookup source-interface <words>!",
  "cdp run",
  "lldp run",
  "ip access-list log-update threshold <number>!",
  "ip forward-protocol <words>",
  "ip scp server enable",
  "ip ssh <words>",
  "ip http <words>",
  "ip tftp <words>",
  "ip local policy route-map <name>!",
  "ip name-server <words>",
  "clock timezone <words>!",
  "logging <words>",
  "snmp-server <words>",
  "ntp <words>",
  "aaa <words>",
  "ip inspect name <words>",
  "ip wccp <words>",
  "ipv6 unicast-routing",
  "ipv6 route <words>",
] as const;

/** The commands of the global configuration mode. */
export const GLOBAL_COMMANDS: readonly ConfigurationCommand[] = [
  {
    pattern: "hostname <name>",
    run: ({ configuration }, [name = ""]) => {
      configuration.hostname = name;
      return undefined;
    },
  },
  ...["no hostname", "no hostname <name>"].map(
    (pattern): ConfigurationCommand => ({
      pattern,
      run: ({ configuration }) => {
        configuration.hostname = "Router";
        return undefined;
      },
    }),
  ),
  {
    pattern: "no ip domain list",
    run: ({ configuration }) => {
      configuration.globals = configuration.globals.filter((line) => !line.startsWith("ip domain list "));
      return undefined;
    },
  },
  ...SNMP_COMMANDS,
  ...BANNER_COMMANDS,
  ...INTERFACE_RANGE_COMMANDS,
  ...TIME_RANGE_GLOBAL_COMMANDS,
  // A saved configuration begins with it.
  { pattern: "version <name>", run: () => undefined },
  { pattern: "interface <words>", run: (context, words) => enterInterface(context, words.join("")) },
  { pattern: "no interface <words>", run: (context, words) => removeInterface(context, words.join("")) },
  ...(["extended", "standard"] as const).flatMap((kind): ConfigurationCommand[] => [
    {
      pattern: `ip access-list ${kind} <name>`,
      run: (context, [name = ""]) => enterAccessList(context, kind, name),
    },
    {
      pattern: `no ip access-list ${kind} <name>`,
      run: ({ configuration }, [name]) => removeAccessList(configuration, name),
    },
  ]),
  {
    pattern: "access-list <number> remark <line>",
    run: (context, [name = "", text = ""]) => ofNumber(context, name, () => addRemark(context, text)),
  },
  ...["permit", "deny"].map(
    (action): ConfigurationCommand => ({
      pattern: `access-list <number> ${action} <line>`,
      run: (context, [name = "", text = ""]) => ofNumber(context, name, () => addEntry(context, `${action} ${text}`)),
    }),
  ),
  // A line of it removes the whole list as well.
  ...["no access-list <number>", "no access-list <number> <words>"].map(
    (pattern): ConfigurationCommand => ({
      pattern,
      run: ({ configuration }, [name]) => removeAccessList(configuration, name),
    }),
  ),
  { pattern: "ip access-list resequence <name> <number> <number>", run: resequence },
  ...["permit", "deny"].flatMap((action): ConfigurationCommand[] => [
    {
      pattern: `route-map <name> ${action} <number>`,
      run: (context, [map = "", number]) => enterSequence(context, map, action as Sequence["action"], Number(number)),
    },
    {
      pattern: `no route-map <name> ${action} <number>`,
      run: ({ configuration }, [map, number]) => removeSequences(configuration, map, Number(number)),
    },
  ]),
  { pattern: "route-map <name>", run: (context, [map = ""]) => enterSequence(context, map, "permit", 10) },
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
      configuration.archive = {};
      return undefined;
    },
  },
  ...IPV6_ACCESS_LIST_GLOBAL_COMMANDS,
  ...PREFIX_LIST_COMMANDS,
  ...SLA_COMMANDS,
  ...STATIC_ROUTE_COMMANDS,
  ...USER_COMMANDS,
  ...OBJECT_GROUP_COMMANDS,
  ...VRF_GLOBAL_COMMANDS,
  {
    pattern: "zone security <name>",
    run: (context, [name = ""]) => {
      const { globals } = context.configuration;
      if (!globals.includes(`zone security ${name}`)) globals.push(`zone security ${name}`);
      context.place = { mode: "config-sec-zone" };
      return undefined;
    },
  },
  {
    pattern: "no zone security <name>",
    run: ({ configuration }, [name]) => {
      configuration.globals = configuration.globals.filter((line) => line !== `zone security ${name}`);
      return undefined;
    },
  },
  { pattern: "line <words>", run: (context, words) => enterLine(context, words.join(" ")) },
  ...onByDefault(DEVICE_DEFAULTS, ({ configuration }) => configuration.globals),
  ...keptLines(KEPT, ({ configuration }) => configuration.globals),
];

/** The commands of `archive`. */
export const ARCHIVE_COMMANDS: readonly ConfigurationCommand[] = [
  {
    pattern: "path <name>",
    run: ({ configuration }, [path]) => {
      if (path !== undefined) configuration.archive.path = path;
      return undefined;
    },
  },
  { pattern: "no path", run: ({ configuration }) => void delete configuration.archive.path },
  ...archiveNumber("maximum", "maximum", 14),
  ...archiveNumber("time-period", "timePeriod", 525_600),
  {
    pattern: "write-memory",
    run: ({ configuration }) => {
      configuration.archive.isWriteMemory = true;
      return undefined;
    },
  },
  { pattern: "no write-memory", run: ({ configuration }) => void delete configuration.archive.isWriteMemory },
];

/** A setting of `archive` from 1 to its largest value. */
function archiveNumber(keyword: string, name: "maximum" | "timePeriod", last: number): ConfigurationCommand[] {
  const remove = ({ configuration }: ConfigurationContext) => void delete configuration.archive[name];
  return [
    {
      pattern: `${keyword} <number>`,
      run: ({ configuration }, [text]) => {
        if (Number(text) < 1 || Number(text) > last) return BAD_NAME;
        configuration.archive[name] = Number(text);
        return undefined;
      },
    },
    { pattern: `no ${keyword}`, run: remove },
    { pattern: `no ${keyword} <number>`, run: remove },
  ];
}

/** The commands of `line vty 0 4` and other lines. */
export const LINE_COMMANDS: readonly ConfigurationCommand[] = keptLines(
  [
    "login <words>!",
    "login!",
    "transport input <words>!",
    "transport output <words>!",
    "transport preferred <words>!",
    "exec-timeout <words>!",
    "stopbits <number>!",
    "length <number>!",
    "access-class <words>!",
    "logging synchronous",
  ],
  ({ configuration, place }) =>
    configuration.lines.find(({ name }) => place.mode === "config-line" && name === place.name)?.settings,
);

function removeAccessList(configuration: Configuration, name: string | undefined): undefined {
  configuration.accessLists = configuration.accessLists.filter((list) => list.name !== name);
}

/** Does something in the numbered list with this name, and stays in the global mode. */
function ofNumber(context: ConfigurationContext, name: string, change: () => string | undefined): string | undefined {
  const kind = numberedKind(name);
  if (!kind) return BAD_NAME;
  enterAccessList(context, kind, name);
  const answer = change();
  context.place = { mode: "config" };
  return answer;
}

function enterLine(context: ConfigurationContext, name: string): string | undefined {
  if (!/^(vty|con|aux) \d+( \d+)?$/.test(name)) return BAD_NAME;
  const { lines } = context.configuration;
  if (!lines.some((line) => line.name === name)) lines.push({ name, settings: [] });
  context.place = { mode: "config-line", name };
  return undefined;
}
