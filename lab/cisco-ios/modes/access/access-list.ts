import { type AccessList, entryText, type ListKind, numberedKind, parseEntry } from "../../access/access-list";
import { BAD_NAME, type ConfigurationCommand, type ConfigurationContext } from "../context";
import { missingGroup, missingGroupOf } from "./object-group";

/** The commands of `ip access-list`. */
export const ACCESS_LIST_COMMANDS: readonly ConfigurationCommand[] = [
  ...["permit", "deny"].flatMap((action): ConfigurationCommand[] => [
    { pattern: `${action} <line>`, run: (context, [line = ""]) => addEntry(context, `${action} ${line}`) },
    {
      pattern: `<number> ${action} <line>`,
      run: (context, [number, line = ""]) => addEntry(context, `${action} ${line}`, Number(number)),
    },
    { pattern: `no ${action} <line>`, run: (context, [line = ""]) => removeEntry(context, `${action} ${line}`) },
    // The number decides; the rest of the line is not compared.
    { pattern: `no <number> ${action} <line>`, run: (context, [number]) => removeNumber(context, Number(number)) },
  ]),
  { pattern: "remark <line>", run: (context, [text = ""]) => addRemark(context, text) },
  {
    pattern: "<number> remark <line>",
    run: (context, [number, text = ""]) => addRemark(context, text, Number(number)),
  },
  { pattern: "no remark <line>", run: (context, [text = ""]) => removeRemark(context, text) },
  { pattern: "no <number> remark <line>", run: (context, [, text = ""]) => removeRemark(context, text) },
  { pattern: "no remark", run: (context) => removeRemarks(context) },
  { pattern: "no <number> remark", run: (context, [number]) => removeRemarks(context, Number(number)) },
  { pattern: "no <number>", run: (context, [number]) => removeNumber(context, Number(number)) },
];

/** Enters a list, which is made when there is none. */
export function enterAccessList(context: ConfigurationContext, kind: ListKind, name: string): string | undefined {
  const { accessLists } = context.configuration;
  // Numbers have kinds of their own.
  if (/^\d+$/.test(name) && numberedKind(name) !== kind) return "% Invalid access list name.";
  const found = accessLists.find((list) => list.name === name);
  if (found && found.kind !== kind) return "% A named access list with this name already exists";
  if (!found) {
    accessLists.push({ kind, name, lines: [], lastRemarks: [] });
    accessLists.sort((left, right) => (left.name < right.name ? -1 : 1));
  }
  context.place = { mode: kind === "standard" ? "config-std-nacl" : "config-ext-nacl", name };
  return undefined;
}

/** Adds an entry at a number or at the end; one that is there already is not added. */
export function addEntry(context: ConfigurationContext, text: string, number?: number): string | undefined {
  const list = accessListOf(context);
  const entry = list && parseEntry(text.split(/ +/), list.kind);
  if (!entry) return BAD_NAME;
  const missing = missingGroupOf(entry, context.configuration);
  if (missing !== undefined) return missingGroup(missing);
  const isKnown = list.lines.some((line) => entryText(line.entry) === entryText(entry));
  if (isKnown) return undefined;
  if (number !== undefined && list.lines.some(({ sequence }) => sequence === number))
    return "% Duplicate sequence number";
  const last = list.lines.at(-1)?.sequence ?? 0;
  list.lines.push({ sequence: number ?? last + 10, remarks: list.lastRemarks.splice(0), entry });
  list.lines.sort((left, right) => left.sequence - right.sequence);
  return undefined;
}

/** Numbers the entries of a list again, from a number on in steps. */
export function resequence(
  { configuration }: ConfigurationContext,
  [name = "", first, step]: string[],
): string | undefined {
  const list = configuration.accessLists.find((one) => one.name === name);
  if (!list || Number(first) < 1 || Number(step) < 1) return BAD_NAME;
  for (const [index, line] of list.lines.entries()) line.sequence = Number(first) + index * Number(step);
  return undefined;
}

/** Adds a remark before the entry with a number, or after the last entry. */
export function addRemark(context: ConfigurationContext, text: string, number?: number): string | undefined {
  const list = accessListOf(context);
  if (!list) return undefined;
  const remarks = list.lines.find(({ sequence }) => sequence === number)?.remarks ?? list.lastRemarks;
  if (!remarks.includes(text)) remarks.push(text);
  return undefined;
}

function removeRemark(context: ConfigurationContext, text: string): undefined {
  const list = accessListOf(context);
  if (!list) return;
  for (const remarks of [list.lastRemarks, ...list.lines.map((line) => line.remarks)]) {
    const index = remarks.indexOf(text);
    if (index >= 0) remarks.splice(index, 1);
  }
}

/** Removes all remarks before an entry; without a number, all of the list. */
function removeRemarks(context: ConfigurationContext, number?: number): undefined {
  const list = accessListOf(context);
  if (!list) return;
  for (const line of list.lines) if (number === undefined || line.sequence === number) line.remarks = [];
  if (number === undefined) list.lastRemarks = [];
}

function removeNumber(context: ConfigurationContext, number: number): undefined {
  const list = accessListOf(context);
  if (list) list.lines = list.lines.filter(({ sequence }) => sequence !== number);
}

function removeEntry(context: ConfigurationContext, text: string): string | undefined {
  const list = accessListOf(context);
  const entry = list && parseEntry(text.split(/ +/), list.kind);
  if (!entry) return BAD_NAME;
  list.lines = list.lines.filter((line) => entryText(line.entry) !== entryText(entry));
  return undefined;
}

function accessListOf({ configuration, place }: ConfigurationContext): AccessList | undefined {
  if (place.mode !== "config-ext-nacl" && place.mode !== "config-std-nacl") return undefined;
  return configuration.accessLists.find((list) => list.name === place.name);
}
