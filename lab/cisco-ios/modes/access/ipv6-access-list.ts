import { type Ipv6AccessList, parseIpv6Rule } from "../../access/ipv6-access-list";
import { BAD_NAME, type ConfigurationCommand, type ConfigurationContext } from "../context";

/** `ipv6 access-list` in the global mode. */
export const IPV6_ACCESS_LIST_GLOBAL_COMMANDS: readonly ConfigurationCommand[] = [
  {
    pattern: "ipv6 access-list <name>",
    run: (context, [name = ""]) => {
      const { ipv6AccessLists } = context.configuration;
      if (!ipv6AccessLists.some((one) => one.name === name)) ipv6AccessLists.push({ name, lines: [] });
      ipv6AccessLists.sort((left, right) => (left.name < right.name ? -1 : 1));
      context.place = { mode: "config-ipv6-acl", name };
      return undefined;
    },
  },
  {
    pattern: "no ipv6 access-list <name>",
    run: ({ configuration }, [name]) => {
      configuration.ipv6AccessLists = configuration.ipv6AccessLists.filter((one) => one.name !== name);
      return undefined;
    },
  },
];

const ACTIONS = ["permit", "deny"];

/** The commands of `ipv6 access-list`. A number comes before a rule or after its addresses. */
export const IPV6_ACCESS_LIST_COMMANDS: readonly ConfigurationCommand[] = [
  ...ACTIONS.flatMap((action): ConfigurationCommand[] => [
    { pattern: `${action} <line>`, run: (context, [line = ""]) => addRule(context, `${action} ${line}`) },
    { pattern: `no ${action} <line>`, run: (context, [line = ""]) => removeRule(context, `${action} ${line}`) },
    ...["sequence <number>", "<number>"].flatMap((number): ConfigurationCommand[] => [
      {
        pattern: `${number} ${action} <line>`,
        run: (context, [sequence, line = ""]) => addRule(context, `${action} ${line}`, Number(sequence)),
      },
      {
        pattern: `no ${number} ${action} <line>`,
        run: (context, [sequence]) => removeNumber(context, Number(sequence)),
      },
    ]),
  ]),
  ...["no sequence <number>", "no <number>"].map(
    (pattern): ConfigurationCommand => ({
      pattern,
      run: (context, [sequence]) => removeNumber(context, Number(sequence)),
    }),
  ),
  { pattern: "remark <line>", run: (context, [text = ""]) => addLine(context, `remark ${text}`) },
  {
    pattern: "sequence <number> remark <line>",
    run: (context, [sequence, text = ""]) => addLine(context, `remark ${text}`, Number(sequence)),
  },
  { pattern: "no remark <line>", run: (context, [text = ""]) => removeLine(context, `remark ${text}`) },
];

function addRule(context: ConfigurationContext, line: string, number?: number): string | undefined {
  const rule = parseIpv6Rule(line.split(/ +/));
  if (!rule || (number !== undefined && rule.sequence !== undefined)) return BAD_NAME;
  return addLine(context, rule.text, number ?? rule.sequence);
}

/** Adds a line at a number, whose line it replaces, or at the end; a line that is there already is not added. */
function addLine(context: ConfigurationContext, text: string, number?: number): undefined {
  const list = listOf(context);
  if (!list || list.lines.some((one) => one.text === text)) return;
  const last = list.lines.at(-1)?.sequence ?? 0;
  list.lines = list.lines.filter(({ sequence }) => sequence !== number);
  list.lines.push({ sequence: number ?? last + 10, text });
  list.lines.sort((left, right) => left.sequence - right.sequence);
}

function removeRule(context: ConfigurationContext, line: string): string | undefined {
  const rule = parseIpv6Rule(line.split(/ +/));
  return rule ? removeLine(context, rule.text) : BAD_NAME;
}

function removeLine(context: ConfigurationContext, text: string): undefined {
  const list = listOf(context);
  if (list) list.lines = list.lines.filter((one) => one.text !== text);
}

function removeNumber(context: ConfigurationContext, number: number): undefined {
  const list = listOf(context);
  if (list) list.lines = list.lines.filter(({ sequence }) => sequence !== number);
}

function listOf({ configuration, place }: ConfigurationContext): Ipv6AccessList | undefined {
  return configuration.ipv6AccessLists.find(({ name }) => place.mode === "config-ipv6-acl" && name === place.name);
}
