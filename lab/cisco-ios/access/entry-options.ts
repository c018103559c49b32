/** The words after the addresses of an entry, as the command reference of `permit` lists them. */

const NAMES_OF_NUMBERS: Readonly<Record<"dscp" | "precedence" | "tos" | "option", readonly [number, string][]>> = {
  dscp: [
    [0, "default"],
    ...[1, 2, 3, 4].flatMap((level) =>
      [1, 2, 3].map((drop): [number, string] => [8 * level + 2 * drop, `af${level}${drop}`]),
    ),
    ...[1, 2, 3, 4, 5, 6, 7].map((level): [number, string] => [8 * level, `cs${level}`]),
    [46, "ef"],
  ],
  precedence: namedFromZero("routine priority immediate flash flash-override critical internet network"),
  tos: [
    [0, "normal"],
    [1, "min-monetary-cost"],
    [2, "max-reliability"],
    [4, "max-throughput"],
    [8, "min-delay"],
  ],
  option: [
    [0, "eool"],
    [1, "no-op"],
    [7, "record-route"],
    [10, "zsu"],
    [11, "mtup"],
    [12, "mtur"],
    [15, "encode"],
    [68, "timestamp"],
    [82, "traceroute"],
    [130, "security"],
    [131, "lsr"],
    [133, "ext-security"],
    [134, "com-security"],
    [136, "stream-id"],
    [137, "ssr"],
    [142, "visa"],
    [144, "imitd"],
    [145, "eip"],
    [147, "add-ext"],
    [148, "router-alert"],
    [149, "sdb"],
    [150, "nsapa"],
    [151, "dps"],
    [152, "ump"],
  ],
};

const HIGHEST = { dscp: 63, precedence: 7, tos: 15, option: 255 } as const;

/** Messages of ICMP by the names of devices: their type, and the code of some. */
const ICMP_MESSAGES = new Map([
  ["echo-reply", "0"],
  ["unreachable", "3"],
  ...named("3", "net-unreachable host-unreachable protocol-unreachable port-unreachable packet-too-big"),
  ...named("3", "source-route-failed network-unknown host-unknown host-isolated dod-net-prohibited", 5),
  ...named("3", "dod-host-prohibited net-tos-unreachable host-tos-unreachable administratively-prohibited", 10),
  ...named("3", "host-precedence-unreachable precedence-unreachable", 14),
  ["source-quench", "4"],
  ["redirect", "5"],
  ...named("5", "net-redirect host-redirect net-tos-redirect host-tos-redirect"),
  ["alternate-address", "6"],
  ["echo", "8"],
  ["router-advertisement", "9"],
  ["router-solicitation", "10"],
  ["time-exceeded", "11"],
  ...named("11", "ttl-exceeded reassembly-timeout"),
  ["parameter-problem", "12"],
  ...named("12", "general-parameter-problem option-missing no-room-for-option"),
  ["timestamp-request", "13"],
  ["timestamp-reply", "14"],
  ["information-request", "15"],
  ["information-reply", "16"],
  ["mask-request", "17"],
  ["mask-reply", "18"],
  ["traceroute", "30"],
  ["conversion-error", "31"],
  ["mobile-redirect", "32"],
]);

const IGMP_TYPES = namedFromZero("- host-query host-report dvmrp pim trace");
const FLAGS = ["ack", "fin", "psh", "rst", "syn", "urg"];
const WORD = /^[!-~]+$/;

function namedFromZero(names: string): [number, string][] {
  return names.split(" ").map((name, index) => [index, name]);
}

function named(type: string, names: string, first = 0): [string, string][] {
  return names.split(" ").map((name, index) => [name, `${type}/${first + index}`]);
}

/**
 * Reads the options of an entry. @returns each with its values, as devices show it: numbers by their names. Undefined when a
 * word is none of this protocol, or a value is missing.
 */
export function parseOptions(words: readonly string[], protocol: string): string[] | undefined {
  const rest = [...words];
  const options: string[] = [];
  while (rest.length > 0) {
    const option = takeMessage(rest, protocol) ?? takeOption(rest, protocol);
    if (option === undefined) return undefined;
    options.push(option);
  }
  return options;
}

/** A type of ICMP with its code, or a type of IGMP. */
function takeMessage(rest: string[], protocol: string): string | undefined {
  const [first = "", second = ""] = rest;
  if (protocol === "igmp") {
    const found = IGMP_TYPES.find(([number, name]) => first === name || first === String(number));
    if (found || /^1?\d$/.test(first)) return rest.shift() && (found?.[0] ? found[1] : first);
  }
  if (protocol !== "icmp") return undefined;
  if (ICMP_MESSAGES.has(first)) return rest.shift();
  if (!isByte(first)) return undefined;
  rest.shift();
  const code = isByte(second) ? rest.shift() : undefined;
  const key = [first, ...(code === undefined ? [] : [code])].map(Number);
  return [...ICMP_MESSAGES].find(([, value]) => value === key.join("/"))?.[0] ?? key.join(" ");
}

function isByte(text: string): boolean {
  return /^\d{1,3}$/.test(text) && Number(text) <= 255;
}

function takeOption(rest: string[], protocol: string): string | undefined {
  const word = rest.shift() ?? "";
  if (word === "fragments") return word;
  if (word === "log" || word === "log-input") return takeCookie(rest, word);
  if (word === "time-range") return WORD.test(rest[0] ?? "") ? `${word} ${rest.shift()}` : undefined;
  if (word === "dscp" || word === "precedence" || word === "tos" || word === "option") return takeNumber(rest, word);
  if (word === "ttl") return takeLimit(rest);
  if (protocol !== "tcp") return undefined;
  if (word === "established" || FLAGS.includes(word)) return word;
  return word === "match-any" || word === "match-all" ? takeFlags(rest, word) : undefined;
}

/** A word after `log` marks its messages; it is no option itself. */
function takeCookie(rest: string[], word: string): string {
  const isOption = /^(fragments|time-range|dscp|precedence|tos|option|ttl|established)$/.test(rest[0] ?? "");
  return rest.length > 0 && !isOption ? `${word} ${rest.shift()}` : word;
}

function takeNumber(rest: string[], word: keyof typeof HIGHEST): string | undefined {
  const value = rest.shift() ?? "";
  const known = NAMES_OF_NUMBERS[word].find(([number, name]) => value === name || value === String(number));
  if (known) return `${word} ${known[1]}`;
  if (word === "option" && value === "any-options") return `${word} ${value}`;
  return /^\d+$/.test(value) && Number(value) <= HIGHEST[word] ? `${word} ${Number(value)}` : undefined;
}

function takeLimit(rest: string[]): string | undefined {
  const operator = rest.shift() ?? "";
  const count = operator === "range" ? 2 : 1;
  const values = rest.splice(0, count);
  const isKnown = ["eq", "gt", "lt", "neq", "range"].includes(operator);
  return isKnown && values.length === count && values.every(isByte)
    ? ["ttl", operator, ...values.map(Number)].join(" ")
    : undefined;
}

function takeFlags(rest: string[], word: string): string | undefined {
  const flags: string[] = [];
  while (/^[+-]/.test(rest[0] ?? "")) flags.push(rest.shift() ?? "");
  const areKnown = flags.length > 0 && flags.every((flag) => FLAGS.includes(flag.slice(1)));
  return areKnown ? [word, ...flags].join(" ") : undefined;
}

/** The match of iptables for an option; undefined when the kernel has none, so that the entry matches no packet. */
export function optionMatch(option: string): string | undefined {
  if (option === "established") return "-m tcp ! --syn";
  if (FLAGS.includes(option)) return `-m tcp --tcp-flags ${option.toUpperCase()} ${option.toUpperCase()}`;
  if (option === "fragments") return "-f";
  if (/^log(-input)?\b/.test(option)) return "";
  const [, flags] = /^match-all (.+)$/.exec(option) ?? [];
  if (flags !== undefined) return flagsMatch(flags.toUpperCase().split(" "));
  const type = ICMP_MESSAGES.get(option) ?? /^\d+( \d+)?$/.exec(option)?.[0].replace(" ", "/");
  return type === undefined ? undefined : `-m icmp --icmp-type ${type}`;
}

function flagsMatch(flags: readonly string[]): string {
  const set = flags.filter((flag) => flag.startsWith("+")).map((flag) => flag.slice(1));
  return `-m tcp --tcp-flags ${flags.map((flag) => flag.slice(1)).join(",")} ${set.join(",") || "NONE"}`;
}
