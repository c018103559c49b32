import { refusals } from "../api-error";
import { hasProperty } from "./schema";
import { type Token, tokenize } from "./tokens";

/** A row of a collection. */
export type Row = Record<string, unknown>;

type Test = (row: Row) => boolean;
type Literal = string | number | boolean | null;
type Comparison = (value: unknown, literal: Literal) => boolean;

const OPERATORS: Record<string, Comparison> = {
  eq: (value, literal) => equal(value, literal),
  ne: (value, literal) => !equal(value, literal),
  gt: (value, literal) => order(value, literal, (difference) => difference > 0),
  ge: (value, literal) => order(value, literal, (difference) => difference >= 0),
  lt: (value, literal) => order(value, literal, (difference) => difference < 0),
  le: (value, literal) => order(value, literal, (difference) => difference <= 0),
  contains: (value, literal) => texts(value, literal, (text, part) => text.includes(part)),
  icontains: (value, literal) => texts(lower(value), lower(literal), (text, part) => text.includes(part)),
  ieq: (value, literal) => equal(lower(value), lower(literal)),
  sw: (value, literal) => texts(value, literal, (text, part) => text.startsWith(part)),
  isw: (value, literal) => texts(lower(value), lower(literal), (text, part) => text.startsWith(part)),
  ew: (value, literal) => texts(value, literal, (text, part) => text.endsWith(part)),
  iew: (value, literal) => texts(lower(value), lower(literal), (text, part) => text.endsWith(part)),
};

/**
 * Compiles the query parameter `filter`: comparisons with `and`, `or`, `not` and parentheses. Operators are
 * case-insensitive, strings are case-sensitive. `in` takes a list in brackets; `not in` does not exist.
 * @throws ApiError 70009 for an unknown property or invalid syntax, 70003 for an unknown operator.
 */
export function compileFilter(text: string, entity: string): Test {
  const parser = new FilterParser(tokenize(text), entity);
  return parser.parse();
}

class FilterParser {
  private position = 0;

  constructor(
    private readonly tokens: Token[],
    private readonly entity: string,
  ) {}

  parse(): Test {
    const test = this.disjunction();
    if (this.position < this.tokens.length) throw refusals.filterInvalid(`unexpected '${this.peek()?.text}'`);
    return test;
  }

  private disjunction(): Test {
    let test = this.conjunction();
    while (this.takeWord("or")) {
      const [left, right] = [test, this.conjunction()];
      test = (row) => left(row) || right(row);
    }
    return test;
  }

  private conjunction(): Test {
    let test = this.term();
    while (this.takeWord("and")) {
      const [left, right] = [test, this.term()];
      test = (row) => left(row) && right(row);
    }
    return test;
  }

  private term(): Test {
    if (this.takeWord("not")) {
      const test = this.term();
      return (row) => !test(row);
    }
    if (this.takeSymbol("(")) {
      const test = this.disjunction();
      if (!this.takeSymbol(")")) throw refusals.filterInvalid("a closing parenthesis is missing");
      return test;
    }
    return this.comparison();
  }

  private comparison(): Test {
    const property = this.next("word", "a property");
    if (!hasProperty(this.entity, property)) throw refusals.filterPropertyInvalid(property);
    const path = property.split(".");
    const operator = this.next("word", "an operator");
    if (operator.toLowerCase() === "in") {
      const literals = this.list();
      return (row) => valuesAt(row, path).some((value) => literals.some((literal) => equal(value, literal)));
    }
    const name = operator.toLowerCase();
    const compare = Object.hasOwn(OPERATORS, name) ? OPERATORS[name] : undefined;
    if (!compare) throw refusals.operatorInvalid(operator);
    const literal = this.literal();
    return (row) => valuesAt(row, path).some((value) => compare(value, literal));
  }

  private list(): Literal[] {
    if (!this.takeSymbol("[")) throw refusals.filterInvalid("in needs a list in brackets");
    const literals: Literal[] = [];
    while (!this.takeSymbol("]")) {
      if (literals.length > 0 && !this.takeSymbol(",")) throw refusals.filterInvalid("a comma is missing in the list");
      literals.push(this.literal());
    }
    return literals;
  }

  private literal(): Literal {
    const token = this.tokens[this.position++];
    if (token?.kind === "string") return token.text;
    if (token?.kind === "word") {
      const word = token.text.toLowerCase();
      if (word === "null") return null;
      if (word === "true" || word === "false") return word === "true";
      if (/^-?\d+(\.\d+)?$/.test(word)) return Number(word);
      if (/^\d{4}-\d\d-\d\d/.test(word)) return token.text;
    }
    throw refusals.filterInvalid(`'${token?.text ?? ""}' is not a value`);
  }

  private peek(): Token | undefined {
    return this.tokens[this.position];
  }

  private next(kind: Token["kind"], expected: string): string {
    const token = this.tokens[this.position++];
    if (token?.kind !== kind) throw refusals.filterInvalid(`${expected} is missing`);
    return token.text;
  }

  private takeWord(word: string): boolean {
    const token = this.peek();
    if (token?.kind !== "word" || token.text.toLowerCase() !== word) return false;
    this.position += 1;
    return true;
  }

  private takeSymbol(symbol: string): boolean {
    const token = this.peek();
    if (token?.kind !== "symbol" || token.text !== symbol) return false;
    this.position += 1;
    return true;
  }
}

/** All values at a path; several when the path leads through a list. */
function valuesAt(value: unknown, path: string[]): unknown[] {
  const [name, ...rest] = path;
  if (Array.isArray(value)) return value.flatMap((item) => valuesAt(item, path));
  if (name === undefined) return [value ?? null];
  if (typeof value !== "object" || value === null) return [null];
  return valuesAt((value as Row)[name], rest);
}

function equal(value: unknown, literal: Literal): boolean {
  if (literal === null || value === null) return literal === value;
  const time = timeOf(value);
  if (time !== undefined && typeof literal === "string" && timeOf(literal) !== undefined) {
    return time === timeOf(literal);
  }
  return String(value) === String(literal);
}

function order(value: unknown, literal: Literal, accepts: (difference: number) => boolean): boolean {
  if (value === null || literal === null) return false;
  const [left, right] = [sortable(value), sortable(literal)];
  if (typeof left === "number" && typeof right === "number") return accepts(left - right);
  return accepts(String(left) < String(right) ? -1 : String(left) > String(right) ? 1 : 0);
}

function sortable(value: unknown): number | string {
  if (typeof value === "number") return value;
  return timeOf(value) ?? String(value);
}

function timeOf(value: unknown): number | undefined {
  if (typeof value !== "string" || !/^\d{4}-\d\d-\d\d([T ]|$)/.test(value)) return undefined;
  const time = Date.parse(value);
  return Number.isNaN(time) ? undefined : time;
}

function texts(value: unknown, literal: unknown, accepts: (text: string, part: string) => boolean): boolean {
  return typeof value === "string" && typeof literal === "string" && accepts(value, literal);
}

function lower(value: Literal): Literal;
function lower(value: unknown): unknown;
function lower(value: unknown): unknown {
  return typeof value === "string" ? value.toLowerCase() : value;
}
