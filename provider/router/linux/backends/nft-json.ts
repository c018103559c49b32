import { z } from "zod";
import type { PortRange } from "../../ports";
import type { MangleRule, Mark, Target } from "../model/rule";

/** One object of the JSON output of nft, such as `{"rule": {…}}`. */
export type NftObject = Record<string, unknown>;

/** A chain of nftables, with its hook if it is a base chain. */
export const nftChain = z.looseObject({
  name: z.string(),
  type: z.string().optional(),
  hook: z.string().optional(),
  prio: z.number().optional(),
  policy: z.string().optional(),
});

/** A rule of nftables: matches and statements, in order. */
export const nftRule = z.looseObject({
  chain: z.string(),
  comment: z.string().optional(),
  expr: z.array(z.record(z.string(), z.unknown())),
});

export type NftRule = z.output<typeof nftRule>;

const prefix = z.strictObject({ prefix: z.strictObject({ addr: z.string(), len: z.number() }) });
const range = z.strictObject({ range: z.tuple([z.number(), z.number()]) });
const portValue = z.union([z.number(), range]);
const match = z.strictObject({ op: z.string(), left: z.unknown(), right: z.unknown() });
const mangle = z.strictObject({ key: z.unknown(), value: z.unknown() });
const counter = z.looseObject({ packets: z.number(), bytes: z.number() });

const masked = z.strictObject({ "&": z.tuple([z.unknown(), z.unknown()]) });
const flagList = z.strictObject({ "|": z.array(z.unknown()) });
const portSet = z.strictObject({ set: z.array(portValue) });
const operands = z.tuple([z.unknown(), z.number()]).optional();
const operation = z.strictObject({ "&": operands, "|": operands, "^": operands });

/** Of these four flags, only SYN is set when a connection is opened. */
const OPENING_FLAGS = ["ack", "fin", "rst", "syn"];

const CT_MARK = '{"ct":{"key":"mark"}}';
const META_MARK = '{"meta":{"key":"mark"}}';

/** A rule translated to iptables terms; undefined when any part is not understood. */
export function meaningOf(rule: NftRule): MangleRule | undefined {
  const meaning: Omit<MangleRule, "target"> = {};
  let target: Target | undefined;
  for (const expression of rule.expr) {
    if (target) return undefined;
    if ("counter" in expression) continue;
    const parsed = match.safeParse(expression.match);
    if (parsed.success) {
      if (!addMatch(meaning, parsed.data)) return undefined;
      continue;
    }
    target = targetOf(expression.mangle);
    if (!target) return undefined;
  }
  if (!target) return undefined;
  return { ...meaning, ...(rule.comment !== undefined && { comment: rule.comment }), target };
}

/** The counters of a rule; zero without a counter. */
export function countOf(rule: NftRule): { packets: number; bytes: number } {
  const found = rule.expr.map((expression) => counter.safeParse(expression.counter)).find(({ success }) => success);
  return { packets: found?.data?.packets ?? 0, bytes: found?.data?.bytes ?? 0 };
}

function addMatch(meaning: Omit<MangleRule, "target">, { op, left, right }: z.output<typeof match>): boolean {
  const what = JSON.stringify(left);
  if (what === '{"meta":{"key":"iifname"}}') {
    if (typeof right !== "string" || (op !== "==" && op !== "!=")) return false;
    meaning.arrivesOn = { name: right, isNegated: op === "!=" };
    return true;
  }
  // Some versions list the comparison with flags as `in` or with an implicit operator.
  if (op !== "==" && op !== "in" && op !== "") return false;
  if (what === '{"payload":{"protocol":"ip","field":"saddr"}}') {
    meaning.source = networkOf(right);
    return op === "==" && meaning.source !== undefined;
  }
  if (what === '{"payload":{"protocol":"ip","field":"daddr"}}') {
    meaning.destination = networkOf(right);
    return op === "==" && meaning.destination !== undefined;
  }
  if (what === '{"payload":{"protocol":"tcp","field":"dport"}}') {
    meaning.ports = portsOf(right);
    return op === "==" && meaning.ports !== undefined;
  }
  const parsed = masked.safeParse(left);
  if (!parsed.success) return false;
  const [field, mask] = parsed.data["&"];
  const masks = JSON.stringify(field);
  if (masks === CT_MARK && op === "==" && typeof mask === "number" && typeof right === "number") {
    meaning.connectionMark = { value: right, mask };
    return true;
  }
  if (masks !== '{"payload":{"protocol":"tcp","field":"flags"}}' || flagsOf(right).join() !== "syn") return false;
  meaning.isOpening = true;
  return flagsOf(mask).sort().join() === OPENING_FLAGS.join();
}

/** Flags as a list; some versions join them with `|`. */
function flagsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.flatMap(flagsOf);
  const joined = flagList.safeParse(value);
  return joined.success ? joined.data["|"].flatMap(flagsOf) : ["?"];
}

function networkOf(value: unknown): string | undefined {
  if (typeof value === "string") return `${value}/32`;
  const parsed = prefix.safeParse(value);
  return parsed.success ? `${parsed.data.prefix.addr}/${parsed.data.prefix.len}` : undefined;
}

function portsOf(value: unknown): PortRange[] | undefined {
  const list = portSet.safeParse(value);
  const values = list.success ? list.data.set : [value];
  const ranges = values.map((one): PortRange | undefined => {
    if (typeof one === "number") return { first: one, last: one };
    const parsed = range.safeParse(one);
    return parsed.success ? { first: parsed.data.range[0], last: parsed.data.range[1] } : undefined;
  });
  return ranges.every((one) => one !== undefined) ? ranges : undefined;
}

function targetOf(statement: unknown): Target | undefined {
  const parsed = mangle.safeParse(statement);
  if (!parsed.success) return undefined;
  const key = JSON.stringify(parsed.data.key);
  const kind = { [CT_MARK]: "mark-connection" as const, [META_MARK]: "mark-packet" as const }[key];
  const change = changeOf(parsed.data.value, key);
  if (!kind || !change) return undefined;
  return { kind, mark: change };
}

/**
 * The bits of a field that an expression sets, and their value. nft lists `& 0xffffff00 | 0x2` as `& 0xffffff02 | 0x2`
 * and omits an `&` without effect, so the bits are computed from the expression.
 */
export function changeOf(value: unknown, field: string): Mark | undefined {
  const bits = bitsOf(value, field);
  if (!bits) return undefined;
  const [kept, flipped] = bits;
  const mask = ~kept >>> 0;
  // A bit that is both kept and flipped depends on its old value; our marks never do that.
  return (flipped & kept) !== 0 ? undefined : { value: flipped >>> 0, mask };
}

/** An expression as `(field & kept) ^ flipped`. */
function bitsOf(value: unknown, field: string): [kept: number, flipped: number] | undefined {
  if (JSON.stringify(value) === field) return [~0, 0];
  if (typeof value === "number") return [0, value];
  const parsed = operation.safeParse(value);
  const [[operator, given] = ["", undefined]] = parsed.success ? Object.entries(parsed.data) : [];
  const inner = given && bitsOf(given[0], field);
  if (!inner) return undefined;
  const [kept, flipped] = inner;
  const operand = given[1];
  if (operator === "&") return [kept & operand, flipped & operand];
  if (operator === "|") return [kept & ~operand, flipped | operand];
  return [kept, flipped ^ operand];
}
