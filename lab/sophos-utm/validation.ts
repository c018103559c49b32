import { isIPv4 } from "node:net";
import { addressValue } from "../common/ipv4";
import { type Attribute, isAllowedType, type ObjectType } from "./attributes";
import { type ApiError, apiError } from "./refusal";

/** The type of an object by its reference; undefined when there is none. */
export type TypeOf = (ref: string) => string | undefined;

const PHRASES: Record<Attribute["kind"], string> = {
  text: "a string",
  number: "an integer",
  flag: "a boolean",
  list: "a Perl array",
  numbers: "a Perl array",
  hash: "a Perl hash",
  ipv4: "an IPv4 address",
};

/** Every reason to refuse the attributes of an object. */
export function attributeErrors(
  type: string,
  attributes: ObjectType,
  values: Readonly<Record<string, unknown>>,
  typeOf: TypeOf,
): ApiError[] {
  const title = type.split("/")[1] ?? type;
  const wrong = (name: string, expected: string) =>
    apiError(
      "DATATYPE_OBJECT_ATTRIBUTE",
      `The ${title} object requires ${expected} for the ${name.replaceAll("_", " ")} attribute.`,
      { type, attributes: [name] },
    );
  const errors: ApiError[] = [];
  for (const [name, attribute] of Object.entries(attributes)) {
    const value = values[name];
    const isEmpty = value === undefined || value === "";
    if (isEmpty && attribute.isRequired) errors.push(wrong(name, PHRASES[attribute.kind]));
    else if (isEmpty && (attribute.kind === "text" || attribute.kind === "ipv4")) continue;
    else if (!isOfKind(value, attribute)) errors.push(wrong(name, expectation(attribute)));
    else if (attribute.refs) {
      for (const one of Array.isArray(value) ? value : [value])
        if (one !== "") errors.push(...refErrors(type, name, String(one), attribute, typeOf));
    }
  }
  return errors.length > 0 ? errors : rangeErrors(type, values);
}

function expectation({ kind, values, range }: Attribute): string {
  if (values) return `one of ${values.join(", ")}`;
  return range ? `${PHRASES[kind]} from ${range[0]} to ${range[1]}` : PHRASES[kind];
}

function isOfKind(value: unknown, { kind, values, range }: Attribute): boolean {
  if (kind === "flag") return typeof value === "boolean";
  if (kind === "list") return Array.isArray(value) && value.every((one) => typeof one === "string");
  if (kind === "numbers") return Array.isArray(value) && value.every(Number.isInteger);
  if (kind === "hash") return typeof value === "object" && value !== null && !Array.isArray(value);
  if (kind === "number") {
    return Number.isInteger(value) && (!range || (Number(value) >= range[0] && Number(value) <= range[1]));
  }
  if (typeof value !== "string") return false;
  return kind === "ipv4" ? isIPv4(value) : (values?.includes(value) ?? true);
}

/** Assumed: the message types. */
function refErrors(type: string, attribute: string, ref: string, { refs = [] }: Attribute, typeOf: TypeOf): ApiError[] {
  const target = typeOf(ref);
  const about = { type, ref, attributes: [attribute] };
  if (target === undefined) {
    return [
      apiError("REF_DOES_NOT_EXIST", `The ${attribute} attribute refers to ${ref}, which does not exist.`, about),
    ];
  }
  if (isAllowedType(refs, target)) return [];
  return [apiError("REF_WRONG_TYPE", `The ${attribute} attribute cannot refer to ${ref} of type ${target}.`, about)];
}

function rangeErrors(type: string, values: Readonly<Record<string, unknown>>): ApiError[] {
  const { from, to } = values;
  if (type === "network/range" && addressValue(String(from)) > addressValue(String(to))) {
    const attributes = ["from", "to"];
    return [apiError("RANGE_REVERSED", `The range ${from} to ${to} is reversed.`, { type, attributes })];
  }
  if (type === "route/static" && values.type !== "null" && !values.target) {
    return [
      apiError("DATATYPE_OBJECT_ATTRIBUTE", "The static object requires a target.", { type, attributes: ["target"] }),
    ];
  }
  return ["dst", "src"].flatMap((side) => {
    const [low, high] = [values[`${side}_low`], values[`${side}_high`]];
    if (low === undefined || Number(low) <= Number(high)) return [];
    const attributes = [`${side}_low`, `${side}_high`];
    return [apiError("PORT_RANGE_REVERSED", `The port range ${low} to ${high} is reversed.`, { type, attributes })];
  });
}
