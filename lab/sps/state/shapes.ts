import { malformed, semanticError } from "./errors";
import { isObject, type Json, type JsonObject } from "./json";
import type { View } from "./store";

/** Members and rules of a configuration object. */
export interface Shape {
  /**
   * The known members with their defaults. Unknown members of a change are dropped silently, omitted members get their
   * default. Undefined: all members are allowed.
   */
  defaults?: JsonObject;
  /** Members that refer to other objects: name and list of the target, or `address` for a network address. */
  references?: Record<string, string>;
  /** Checks further rules. @throws SpsRefusal */
  check?: (body: JsonObject, view: View) => void;
  /** For lists: true when the API cannot create or delete objects. */
  fixed?: boolean;
}

/** Target of references to a network address: `nic1.interfaces.<id>.addresses.<id>`. */
export const ADDRESS = "address";

/**
 * The object that a PUT or POST stores.
 * @throws SpsRefusal 400 for a wrong type of a known member, or a reference that is not a key or has no target.
 */
export function completeBody(shape: Shape, input: Json | undefined, view: View): JsonObject {
  if (!isObject(input)) throw malformed("The body must be a JSON object.");
  const body = shape.defaults ? withDefaults(shape.defaults, input, Object.keys(shape.references ?? {})) : input;
  for (const [name, target] of Object.entries(shape.references ?? {})) checkReference(name, target, body[name], view);
  shape.check?.(body, view);
  return body;
}

function withDefaults(defaults: JsonObject, input: JsonObject, unchecked: string[] = []): JsonObject {
  const body: JsonObject = {};
  for (const [name, standard] of Object.entries(defaults)) {
    const value = input[name];
    if (value === undefined) body[name] = standard;
    else if (unchecked.includes(name)) body[name] = value;
    else body[name] = checkType(name, standard, value);
  }
  return body;
}

function checkType(name: string, standard: Json | undefined, value: Json): Json {
  if (standard === null || standard === undefined) return value;
  if (isObject(standard) && isObject(value)) return withDefaults(standard, value);
  if (typeof standard === typeof value && Array.isArray(standard) === Array.isArray(value)) return value;
  throw malformed(`The member ${name} has the wrong type.`);
}

function checkReference(name: string, target: string, value: Json | undefined, view: View): void {
  if (value === null || value === undefined) return;
  if (typeof value !== "string") throw malformed(`The member ${name} must be the key of the object it refers to.`);
  const found = target === ADDRESS ? addressAt(value, view) : view.get(`${target}/${value}`);
  if (found === undefined) throw semanticError(`The member ${name} refers to an object that does not exist.`);
}

/** The address, with prefix length, to which a dotted key refers. */
export function addressAt(key: string, view: View): string | undefined {
  const [, nic, interfaceId, addressId] = /^(nic\d)\.interfaces\.([^.]+)\.addresses\.([^.]+)$/.exec(key) ?? [];
  const interfaces = view.get(`/api/configuration/network/nics/${nic}`)?.interfaces;
  const found = isObject(interfaces) ? interfaces[interfaceId ?? ""] : undefined;
  const addresses = isObject(found) ? found.addresses : undefined;
  const address = isObject(addresses) ? addresses[addressId ?? ""] : undefined;
  return typeof address === "string" ? address : undefined;
}

/** The object as a GET returns it: references become `{key, meta: {href}}`. */
export function renderBody(shape: Shape, body: JsonObject): JsonObject {
  const rendered = { ...body };
  for (const [name, target] of Object.entries(shape.references ?? {})) {
    const key = body[name];
    if (typeof key === "string") rendered[name] = { key, meta: { href: hrefOf(target, key) } };
  }
  return rendered;
}

function hrefOf(target: string, key: string): string {
  if (target !== ADDRESS) return `${target}/${key}`;
  const [nic, ...rest] = key.split(".");
  return `/api/configuration/network/nics/${nic}#${rest.join("/")}`;
}
