import type { PortRange } from "../../ports";

/** A value under a mask, as packet and connection marks are set and compared. */
export interface Mark {
  value: number;
  mask: number;
}

/** The action of a rule: mark the connection, mark the packet, or jump to another chain. */
export type Target =
  | { kind: "mark-connection"; mark: Mark }
  | { kind: "mark-packet"; mark: Mark }
  | { kind: "jump"; chain: string };

/** A rule of the mangle table, independent of its spelling. Absent parts match everything. */
export interface MangleRule {
  source?: string;
  destination?: string;
  arrivesOn?: { name: string; isNegated: boolean };
  /** TCP destination ports; a rule with ports matches TCP only. */
  ports?: PortRange[];
  /** True matches only the packet that opens a TCP connection. */
  isOpening?: boolean;
  connectionMark?: Mark;
  comment?: string;
  target: Target;
}

/** The flags of `--syn`: of these four, only SYN is set. */
const OPENING_FLAGS = ["FIN,SYN,RST,ACK", "SYN"] as const;

const printed = new WeakMap<MangleRule, string>();

/** The rule without its chain, exactly as iptables-save prints it and iptables-restore accepts it. */
export function printRule(rule: MangleRule): string {
  // Rules are immutable and thousands of them are compared repeatedly, so the text is cached.
  const text = printed.get(rule) ?? print(rule);
  printed.set(rule, text);
  return text;
}

function print(rule: MangleRule): string {
  const words: string[] = [];
  if (rule.source !== undefined) words.push("-s", rule.source);
  if (rule.destination !== undefined) words.push("-d", rule.destination);
  if (rule.arrivesOn) words.push(...(rule.arrivesOn.isNegated ? ["!"] : []), "-i", rule.arrivesOn.name);
  if (rule.ports || rule.isOpening) words.push("-p", "tcp");
  if (rule.isOpening) words.push("-m", "tcp", "--tcp-flags", ...OPENING_FLAGS);
  if (rule.ports) words.push("-m", "multiport", "--dports", rule.ports.map(printRange).join(","));
  if (rule.connectionMark) words.push("-m", "connmark", "--mark", printMark(rule.connectionMark));
  if (rule.comment !== undefined) words.push("-m", "comment", "--comment", quote(rule.comment));
  words.push("-j", ...printTarget(rule.target));
  return words.join(" ");
}

/** Parses a rule as iptables-save prints it; undefined when any part is not understood. */
export function parseRule(text: string): MangleRule | undefined {
  const words = splitWords(text);
  if (!words) return undefined;
  const reader = new WordReader(words);
  const rule: Omit<MangleRule, "target"> = {};
  let isTcp = false;
  let isNegated = false;
  for (let word = reader.next(); word !== undefined; word = reader.next()) {
    if (isNegated && word !== "-i") return undefined;
    if (word === "!") isNegated = true;
    else if (word === "-s") rule.source = reader.next();
    else if (word === "-d") rule.destination = reader.next();
    else if (word === "-i") {
      rule.arrivesOn = { name: reader.next() ?? "", isNegated };
      isNegated = false;
    } else if (word === "-p") {
      if (reader.next() !== "tcp") return undefined;
      isTcp = true;
    } else if (word === "-m") {
      if (!["tcp", "multiport", "connmark", "comment"].includes(reader.next() ?? "")) return undefined;
    } else if (word === "--tcp-flags") {
      if (reader.next() !== OPENING_FLAGS[0] || reader.next() !== OPENING_FLAGS[1]) return undefined;
      rule.isOpening = true;
    } else if (word === "--dports" || word === "--dport") {
      rule.ports = parseRanges(reader.next());
      if (!rule.ports) return undefined;
    } else if (word === "--mark") {
      rule.connectionMark = parseMark(reader.next());
      if (!rule.connectionMark) return undefined;
    } else if (word === "--comment") rule.comment = reader.next();
    else if (word === "-j") {
      const target = parseTarget(reader);
      const isWhole = target && (isTcp || !(rule.ports || rule.isOpening)) && (!isTcp || rule.ports || rule.isOpening);
      return isWhole ? { ...rule, target } : undefined;
    } else return undefined;
  }
  return undefined;
}

/** Splits a line of iptables-save into words; undefined when a quotation does not end. */
export function splitWords(text: string): string[] | undefined {
  const words: string[] = [];
  const pattern = /\s*(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))/gy;
  const trimmed = text.trimEnd();
  while (pattern.lastIndex < trimmed.length) {
    const found = pattern.exec(trimmed);
    if (!found) return undefined;
    words.push(found[2] ?? (found[1] ?? "").replace(/\\(.)/g, "$1"));
  }
  return words;
}

class WordReader {
  private position = 0;

  constructor(private readonly words: readonly string[]) {}

  next(): string | undefined {
    const word = this.words[this.position];
    this.position += 1;
    return word;
  }

  get isAtEnd(): boolean {
    return this.position >= this.words.length;
  }
}

function parseTarget(reader: WordReader): Target | undefined {
  const name = reader.next();
  if (name === undefined) return undefined;
  if (name !== "MARK" && name !== "CONNMARK") return reader.isAtEnd ? { kind: "jump", chain: name } : undefined;
  const isSet = reader.next() === "--set-xmark";
  const mark = isSet ? parseMark(reader.next()) : undefined;
  if (!mark || !reader.isAtEnd) return undefined;
  return { kind: name === "MARK" ? "mark-packet" : "mark-connection", mark };
}

function printTarget(target: Target): string[] {
  if (target.kind === "jump") return [target.chain];
  return [target.kind === "mark-packet" ? "MARK" : "CONNMARK", "--set-xmark", printMark(target.mark)];
}

/** A mark in the notation of all tools, such as `0x2/0xff`. */
export function printMark({ value, mask }: Mark): string {
  return `0x${value.toString(16)}/0x${mask.toString(16)}`;
}

/** A mark as the tools print it; without a mask, all bits count. */
export function parseMark(text: string | undefined): Mark | undefined {
  const found = /^(0x[0-9a-f]+)(?:\/(0x[0-9a-f]+))?$/.exec(text ?? "");
  return found ? { value: Number(found[1]), mask: Number(found[2] ?? "0xffffffff") } : undefined;
}

function printRange({ first, last }: PortRange): string {
  return first === last ? `${first}` : `${first}:${last}`;
}

function parseRanges(text: string | undefined): PortRange[] | undefined {
  const ranges = (text ?? "").split(",").map((part) => {
    const found = /^(\d+)(?::(\d+))?$/.exec(part);
    return found ? { first: Number(found[1]), last: Number(found[2] ?? found[1]) } : undefined;
  });
  return ranges.every((range) => range !== undefined) ? ranges : undefined;
}

/** Quotes as iptables-save does: only text with characters other than letters, digits, _ and -. */
function quote(text: string): string {
  return /^[A-Za-z0-9_-]+$/.test(text) ? text : `"${text.replace(/(["\\'])/g, "\\$1")}"`;
}
