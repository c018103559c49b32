import type { Found, FoundInterface, FoundMatch, FoundRule, FoundTable } from "../model/found";

/** Lines that are no part of the configuration: comments, and messages about the lock. */
const NO_CONFIGURATION = /^(#|CLINFR|CLICMD|$)/;

/** The port of the Gaia Portal, unless the configuration has another. */
const PORTAL_PORT = 443;

/** Prefix length by the last numbers of a mask. */
const maskLength = (mask: string): number =>
  mask.split(".").reduce((sum, part) => sum + Number(part).toString(2).replaceAll("0", "").length, 0);

/** Reads the output of `show configuration`, in each of its spellings. */
export function readConfiguration(text: string): Found {
  const interfaces = new Map<string, FoundInterface>();
  const tables = new Map<string, FoundTable>();
  const rules = new Map<number, FoundRule>();
  let hostname = "";
  let hasVrrp = false;
  let portalPort = PORTAL_PORT;
  for (const line of configurationLines(text)) {
    const words = line.split(/ +/);
    const [verb, feature, name = "", ...rest] = words;
    if (verb === "set" && feature === "hostname") hostname = name;
    if (verb === "set" && feature === "vrrp") hasVrrp = true;
    if (verb === "set" && feature === "web" && name === "ssl-port") portalPort = Number(rest[0]);
    if (feature === "interface") readInterface(interfaces, name, rest);
    if (verb !== "set" || feature !== "pbr") continue;
    if (name === "table") readTable(tables, rest, line);
    if (name === "rule") readRule(rules, rest, line);
  }
  return {
    hostname,
    interfaces: [...interfaces.values()],
    tables,
    rules: [...rules.values()].sort((left, right) => left.priority - right.priority),
    portalPort,
    hasVrrp,
  };
}

/** The lines of the configuration without comments and messages. */
export function configurationLines(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => !NO_CONFIGURATION.test(line));
}

function readInterface(interfaces: Map<string, FoundInterface>, name: string, words: readonly string[]): void {
  const one = interfaces.get(name) ?? { name, addresses: [], isOn: true, hasIpv6: false };
  interfaces.set(name, one);
  const [key, value = "", unit, size = ""] = words;
  if (key === "state") one.isOn = value !== "off";
  if (key === "alias") one.addresses.push(value);
  if (key === "ipv4-address") one.addresses.push(`${value}/${unit === "subnet-mask" ? maskLength(size) : size}`);
  if (key === "ipv6-address") one.hasIpv6 = true;
}

/** `table NAME static-route DESTINATION nexthop …`; other lines of a table are kept. */
function readTable(tables: Map<string, FoundTable>, words: readonly string[], line: string): void {
  const [name = "", kind, destination = "", verb = "", ...rest] = words;
  const table = tables.get(name) ?? { name, routes: [], lines: [] };
  table.lines.push(line);
  if (kind === "static-route") {
    const nextHop = verb === "nexthop" ? rest.join(" ") : [verb, ...rest].join(" ");
    table.routes.push({ destination, nextHop });
  }
  tables.set(name, table);
}

const MATCH_KEYS = ["from", "to", "interface", "protocol", "port"] as const;

/** `priority N match …`, in one line or several, and `priority N action …`. */
function readRule(rules: Map<number, FoundRule>, words: readonly string[], line: string): void {
  const [, number, kind, ...rest] = words;
  const priority = Number(number);
  const rule = rules.get(priority) ?? { priority, match: { others: [] }, action: undefined, lines: [] };
  rule.lines.push(line);
  rules.set(priority, rule);
  if (kind === "action") rule.action = rest.join(" ");
  else if (kind === "match") readMatch(rule.match, rest);
  else rule.match.others.push([kind, ...rest].join(" "));
}

function readMatch(match: FoundMatch, words: readonly string[]): void {
  for (let index = 0; index < words.length; index += 2) {
    const [word = "", value = ""] = words.slice(index, index + 2);
    const key = MATCH_KEYS.find((known) => known === word);
    if (key === undefined) match.others.push(`${word} ${value}`.trim());
    else match[key] = key === "protocol" && value === "6" ? "tcp" : value;
  }
}
