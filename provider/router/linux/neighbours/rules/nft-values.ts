import type { AddressRange } from "../../../networks";
import type { PortRange } from "../../../ports";
import { rangeOf } from "./ruleset";

/** The elements of the sets and maps of a table, by name. */
export type NamedSets = ReadonlyMap<string, readonly unknown[]>;

/** A value of the JSON of nft under one key, such as the `42` of `{"range": 42}`; undefined for other values. */
export function under(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null && key in value
    ? (value as Record<string, unknown>)[key]
    : undefined;
}

/** The elements of a set, of a named set or of a single value; undefined when the named set is unknown. */
export function elementsOf(value: unknown, sets: NamedSets): readonly unknown[] | undefined {
  if (typeof value === "string" && value.startsWith("@")) return sets.get(value.slice(1))?.map(plainElement);
  const listed = under(value, "set");
  if (Array.isArray(listed)) return listed.map(plainElement);
  return Array.isArray(value) ? value : [value];
}

/** An element without its timeout and counters. */
function plainElement(element: unknown): unknown {
  return under(under(element, "elem"), "val") ?? element;
}

/** Every value as a network or range of addresses; undefined when one is something else. */
export function addressesOf(values: readonly unknown[]): AddressRange[] | undefined {
  return allOf(values, (value) => {
    const prefix = under(value, "prefix");
    const range = under(value, "range");
    if (prefix !== undefined) return rangeOf(`${String(under(prefix, "addr"))}/${String(under(prefix, "len"))}`);
    if (Array.isArray(range)) return rangeOf(range.join("-"));
    return typeof value === "string" ? rangeOf(value) : undefined;
  });
}

/** Every value as a port or range of ports; undefined when one is something else. */
export function portsOf(values: readonly unknown[]): PortRange[] | undefined {
  return allOf(values, (value) => {
    const range = under(value, "range");
    const [first, last = first] = Array.isArray(range) ? range : [value];
    return typeof first === "number" && typeof last === "number" ? { first, last } : undefined;
  });
}

/** Every value as text. */
export function textsOf(values: readonly unknown[]): string[] | undefined {
  return allOf(values, (value) => (typeof value === "string" ? value : undefined));
}

function allOf<T>(values: readonly unknown[], read: (value: unknown) => T | undefined): T[] | undefined {
  const results = values.map(read);
  return results.every((result) => result !== undefined) ? (results as T[]) : undefined;
}

/** A rule in words close to the language of nft, for messages. */
export function wordsOf(expressions: readonly unknown[]): string {
  return expressions.map(expressionWords).filter(Boolean).join(" ");
}

function expressionWords(expression: unknown): string {
  const [[key, body] = ["", undefined]] = Object.entries(expression as Record<string, unknown>);
  if (key === "counter") return "";
  if (key === "match") {
    const op = String(under(body, "op"));
    const sign = op === "==" || op === "in" ? "" : `${op} `;
    return `${valueWords(under(body, "left"))} ${sign}${valueWords(under(body, "right"))}`;
  }
  if (key === "mangle") return `${valueWords(under(body, "key"))} set ${valueWords(under(body, "value"))}`;
  if (key === "vmap") return `${valueWords(under(body, "key"))} vmap ${valueWords(under(body, "data"))}`;
  if (key === "flow") return `flow add ${String(under(body, "flowtable"))}`;
  return body === null ? key : `${key} ${valueWords(body)}`;
}

function valueWords(value: unknown): string {
  if (Array.isArray(value)) return value.map(valueWords).join(",");
  if (typeof value !== "object" || value === null) return String(value ?? "");
  const [[key, body] = ["", undefined], ...more] = Object.entries(value);
  if (more.length > 0)
    return Object.entries(value)
      .map(([name, part]) => `${name} ${valueWords(part)}`)
      .join(" ");
  if (key === "set") return `{ ${(body as unknown[]).map(valueWords).join(", ")} }`;
  if (key === "prefix") return `${String(under(body, "addr"))}/${String(under(body, "len"))}`;
  if (key === "range") return (body as unknown[]).join("-");
  if (key === "payload") return `${String(under(body, "protocol") ?? "")} ${String(under(body, "field") ?? "")}`.trim();
  if (key === "meta" || key === "ct") return key === "meta" ? metaWords(body) : `ct ${String(under(body, "key"))}`;
  if (["&", "|", "^"].includes(key)) return (body as unknown[]).map(valueWords).join(` ${key} `);
  if (key === "concat") return (body as unknown[]).map(valueWords).join(" . ");
  return body === null ? key : `${key} ${valueWords(body)}`;
}

/** nft omits `meta` before these keys. */
function metaWords(body: unknown): string {
  const key = String(under(body, "key"));
  return ["iifname", "oifname", "iif", "oif"].includes(key) ? key : `meta ${key}`;
}
