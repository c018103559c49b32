import { malformed, semanticError } from "./errors";
import { isObject, type Json, type JsonObject } from "./json";
import type { View } from "./store";

/** What an object of the configuration consists of. */
export interface Shape {
  /**
   * Every known member with its default. Unknown members of a change are dropped without a word, members left out get
   * their default. Undefined: any member is known.
   */
  defaults?: JsonObject;
  /** Members that refer to another object: name → list of the targets, or `address` for a network address. */
  references?: Record<string, string>;
  /** Rules beyond the type of the members; throws a refusal. */
  check?: (body: JsonObject, view: View) => void;
  /** For lists: whether members are created and deleted over REST. */
  fixed?: boolean;
}

/** References to a network address: `nic1.interfaces.<id>.addresses.<id>`. */
export const ADDRESS = "address";

/**
 * The object a PUT or POST leaves behind.
 * @throws SpsRefusal 400 when a known member has the wrong type, or a reference is no bare key or leads nowhere.
 */
export function accept(shape: Shape, given: Json | undefined, view: View): JsonObject {
  if (!isObject(given)) throw malformed("The body must be a JSON object.");
  const body = shape.defaults ? fill(shape.defaults, given, Object.keys(shape.references ?? {})) : given;
  for (const [name, target] of Object.entries(shape.references ?? {})) checkReference(name, target, body[name], view);
  shape.check?.(body, view);
  return body;
}

function fill(defaults: JsonObject, given: JsonObject, unchecked: string[] = []): JsonObject {
  const body: JsonObject = {};
  for (const [name, standard] of Object.entries(defaults)) {
    const value = given[name];
    if (value === undefined) body[name] = standard;
    else if (unchecked.includes(name)) body[name] = value;
    else body[name] = checkType(name, standard, value);
  }
  return body;
}

function checkType(name: string, standard: Json | undefined, value: Json): Json {
  if (standard === null || standard === undefined) return value;
  if (isObject(standard) && isObject(value)) return fill(standard, value);
  if (typeof standard === typeof value && Array.isArray(standard) === Array.isArray(value)) return value;
  throw malformed(`The member ${name} has the wrong type.`);
}

function checkReference(name: string, target: string, value: Json | undefined, view: View): void {
  if (value === null || value === undefined) return;
  if (typeof value !== "string") throw malformed(`The member ${name} must be the key of the object it refers to.`);
  const found = target === ADDRESS ? addressOf(value, view) : view.get(`${target}/${value}`);
  if (found === undefined) throw semanticError(`The member ${name} refers to an object that does not exist.`);
}

/** The address, with prefix length, that a dotted key refers to. */
export function addressOf(key: string, view: View): string | undefined {
  const [, nic, interfaceId, addressId] = /^(nic\d)\.interfaces\.([^.]+)\.addresses\.([^.]+)$/.exec(key) ?? [];
  const interfaces = view.get(`/api/configuration/network/nics/${nic}`)?.interfaces;
  const found = isObject(interfaces) ? interfaces[interfaceId ?? ""] : undefined;
  const addresses = isObject(found) ? found.addresses : undefined;
  const address = isObject(addresses) ? addresses[addressId ?? ""] : undefined;
  return typeof address === "string" ? address : undefined;
}

/** The object as a GET shows it: references become `{key, meta: {href}}`. */
export function show(shape: Shape, body: JsonObject): JsonObject {
  const shown = { ...body };
  for (const [name, target] of Object.entries(shape.references ?? {})) {
    const key = body[name];
    if (typeof key === "string") shown[name] = { key, meta: { href: hrefOf(target, key) } };
  }
  return shown;
}

function hrefOf(target: string, key: string): string {
  if (target !== ADDRESS) return `${target}/${key}`;
  const [nic, ...rest] = key.split(".");
  return `/api/configuration/network/nics/${nic}#${rest.join("/")}`;
}
