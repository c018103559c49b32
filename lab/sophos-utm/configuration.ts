import { isAllowedType, type ObjectType } from "./attributes";
import { NODES, OBJECT_TYPES } from "./object-types";
import { type ApiError, apiError, Refusal } from "./refusal";
import { attributeErrors } from "./validation";

/** An object with its own members `_ref`, `_type` and `_locked`. */
export interface UtmObject {
  _locked: "" | "user" | "global";
  _ref: string;
  _type: string;
  [attribute: string]: unknown;
}

/** The headers that change what a request does. */
export interface Directives {
  /** `X-Restd-Err-Ack: last` or `all`: effects on other objects are accepted. */
  isAcknowledged?: boolean;
  /** `X-Restd-Lock-Override: yes`: locks of users are ignored. */
  isOverridingLocks?: boolean;
  /** `X-Restd-Insert`: the node list that gets the new reference, and the position from 1; -1 is the last. */
  insert?: { node: string; position: number };
}

export interface ConfigurationOptions {
  /**
   * What happens to attributes that a type does not have. `echo`: they are not stored, and the answer to the request returns them,
   * which Ansible's utm modules need. `refuse`: an error (assumed).
   */
  unknownAttributes?: "echo" | "refuse";
  /** Whether two objects of a class may not have the same name (assumed). Default true. */
  hasUniqueNames?: boolean;
}

/** Status of an answer to wrong input (assumed). */
const INVALID = 400;

/** The configuration of a UTM: objects and nodes, with the checks of its configuration daemon. */
export class Configuration {
  readonly objects = new Map<string, UtmObject>();
  readonly nodes = new Map<string, unknown>(Object.entries(NODES).map(([name, { value }]) => [name, value]));
  options: ConfigurationOptions;

  constructor(options: ConfigurationOptions = {}) {
    this.options = options;
  }

  /** The same configuration, which changes apart from this one. */
  copy(): Configuration {
    const copy = new Configuration(this.options);
    for (const [ref, object] of this.objects) copy.objects.set(ref, object);
    for (const [name, value] of this.nodes) copy.nodes.set(name, value);
    return copy;
  }

  list(type: string): UtmObject[] {
    typeNamed(type);
    const listed: UtmObject[] = [];
    for (const object of this.objects.values()) if (object._type === type) listed.push(object);
    return listed;
  }

  /** @throws Refusal 404 when there is none */
  get(type: string, ref: string): UtmObject {
    typeNamed(type);
    const found = this.objects.get(ref);
    if (found?._type === type) return found;
    throw new Refusal(404, [
      apiError("OBJECT_DOES_NOT_EXIST", `There is no object ${ref} of type ${type}.`, { type, ref }),
    ]);
  }

  /** Creates an object under a generated reference. @returns the object, with unknown attributes */
  create(type: string, values: Record<string, unknown>, directives: Directives = {}): UtmObject {
    return this.write(
      this.freeRef(type, String(values.name ?? values.address ?? "")),
      type,
      undefined,
      values,
      directives,
    );
  }

  /** Creates or replaces an object under a chosen reference. */
  put(type: string, ref: string, values: Record<string, unknown>, directives: Directives = {}): UtmObject {
    const before = this.objects.get(ref);
    if (before && before._type !== type) this.get(type, ref);
    if (before) requireUnlocked(before, values, directives);
    return this.write(ref, type, undefined, values, directives);
  }

  patch(type: string, ref: string, values: Record<string, unknown>, directives: Directives = {}): UtmObject {
    const before = this.get(type, ref);
    requireUnlocked(before, values, directives);
    return this.write(ref, type, before, values, directives);
  }

  /**
   * Deletes an object. What refers to it is an error that can be acknowledged: then it leaves lists and nodes, and optional
   * references become empty (documented for nodes, assumed for objects).
   */
  delete(type: string, ref: string, directives: Directives = {}): void {
    // The vendor's own client deletes objects that may be missing, with acknowledgement.
    if (directives.isAcknowledged && !this.objects.has(ref)) return;
    requireUnlocked(this.get(type, ref), {}, directives);
    const { nodes, objects } = this.usedBy(type, ref);
    const inUse = [...nodes, ...objects].map((user) =>
      apiError("OBJECT_IN_USE", `The object ${ref} is used by ${user}.`, { type, ref, isFatal: false }),
    );
    if (inUse.length > 0 && !directives.isAcknowledged) throw new Refusal(INVALID, inUse);
    const changed = objects.map((user) => this.withoutRef(this.objects.get(user) as UtmObject, ref));
    for (const object of changed) this.objects.set(object._ref, object);
    for (const node of nodes)
      this.nodes.set(
        node,
        (this.nodes.get(node) as string[]).filter((one) => one !== ref),
      );
    this.objects.delete(ref);
  }

  usedBy(type: string, ref: string): { nodes: string[]; objects: string[] } {
    this.get(type, ref);
    const refers = (value: unknown) => value === ref || (Array.isArray(value) && value.includes(ref));
    return {
      nodes: [...this.nodes].filter(([, value]) => Array.isArray(value) && refers(value)).map(([name]) => name),
      objects: [...this.objects.values()]
        .filter((object) => refAttributes(object._type).some((name) => refers(object[name])))
        .map(({ _ref }) => _ref),
    };
  }

  /** @throws Refusal 404 when there is no such node */
  node(name: string): unknown {
    if (this.nodes.has(name)) return this.nodes.get(name);
    throw new Refusal(404, [apiError("NODE_DOES_NOT_EXIST", `There is no node ${name}.`, { type: "" })]);
  }

  setNodes(values: Readonly<Record<string, unknown>>): void {
    const errors = Object.entries(values).flatMap(([name, value]) => this.nodeErrors(name, value));
    if (errors.length > 0) throw new Refusal(INVALID, errors);
    for (const [name, value] of Object.entries(values)) this.nodes.set(name, value);
  }

  private nodeErrors(name: string, value: unknown): ApiError[] {
    const before = this.node(name);
    const wrong = (text: string) => [apiError("DATATYPE_NODE", `The node ${name} ${text}.`, { type: "" })];
    if (Array.isArray(before) !== Array.isArray(value) || typeof before !== typeof value)
      return wrong("has another type");
    const refs = NODES[name]?.refs;
    if (!refs) return [];
    const isAllowed = (ref: unknown) => isAllowedType(refs, this.objects.get(String(ref))?._type ?? "");
    return (value as unknown[]).every(isAllowed) ? [] : wrong("has a reference that it cannot have");
  }

  private write(
    ref: string,
    type: string,
    before: UtmObject | undefined,
    values: Record<string, unknown>,
    { insert }: Directives,
  ): UtmObject {
    const attributes = typeNamed(type);
    const { _locked = "" } = values;
    const stored: Record<string, unknown> = { ...defaultsOf(attributes), ...before };
    const unknown: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(values)) {
      if (!Object.hasOwn(attributes, name)) {
        if (!name.startsWith("_")) unknown[name] = value;
      } else if (value !== null) stored[name] = value;
    }
    const [firstUnknown] = Object.keys(unknown);
    if (firstUnknown !== undefined && this.options.unknownAttributes === "refuse") {
      const name = `The ${type.split("/")[1]} object has no ${firstUnknown} attribute.`;
      throw new Refusal(INVALID, [apiError("ATTRIBUTE_UNKNOWN", name, { type, attributes: [firstUnknown] })]);
    }
    if (stored.name === "" && attributes.address?.kind === "ipv4") stored.name = stored.address;
    const errors = attributeErrors(type, attributes, stored, (one) => this.objects.get(one)?._type);
    if (errors.length > 0) throw new Refusal(INVALID, errors);
    this.requireFreeName(type, ref, String(stored.name));
    if (insert && !Array.isArray(this.node(insert.node))) {
      throw new Refusal(INVALID, [apiError("NODE_NO_LIST", `The node ${insert.node} is no list.`, { type })]);
    }
    const object: UtmObject = { ...stored, _locked: _locked as "", _ref: ref, _type: type };
    this.objects.set(ref, object);
    if (insert) this.insert(insert, ref);
    return { ...unknown, ...object };
  }

  private insert({ node, position }: { node: string; position: number }, ref: string): void {
    const refs = [...(this.nodes.get(node) as string[])];
    refs.splice(position < 0 ? refs.length : Math.max(0, position - 1), 0, ref);
    this.nodes.set(node, refs);
  }

  private requireFreeName(type: string, ref: string, name: string): void {
    // Rules of the packet filter have none.
    if (this.options.hasUniqueNames === false || name === "") return;
    const objectClass = type.slice(0, type.indexOf("/"));
    let isTaken = false;
    for (const one of this.objects.values()) {
      isTaken ||= one.name === name && one._ref !== ref && one._type.startsWith(`${objectClass}/`);
    }
    if (!isTaken) return;
    const text = `The name ${name} is already used by another object of the class ${objectClass}.`;
    throw new Refusal(INVALID, [apiError("OBJECT_NAME_IN_USE", text, { type, attributes: ["name"] })]);
  }

  private withoutRef(object: UtmObject, ref: string): UtmObject {
    const attributes = typeNamed(object._type);
    const changes = refAttributes(object._type).map((name): [string, unknown] => {
      const value = object[name];
      return [name, Array.isArray(value) ? value.filter((one) => one !== ref) : value === ref ? "" : value];
    });
    const changed: UtmObject = { ...object, ...Object.fromEntries(changes) };
    const errors = attributeErrors(object._type, attributes, changed, (one) => this.objects.get(one)?._type);
    if (errors.length > 0) throw new Refusal(INVALID, errors);
    return changed;
  }

  /** Documented by example: `REF_NetHosMailseInDe` is a `network/host` named "Mailserver in DE". Assumed: where names are cut. */
  private freeRef(type: string, name: string): string {
    const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase();
    const parts = type.split("/").map((part) => capital(part.slice(0, 3)));
    const words = name.split(/[^A-Za-z0-9.]+/).map((word) => capital(word.replaceAll(".", "")));
    const base = `REF_${parts.join("")}${words.join("").slice(0, 10)}`;
    let ref = base;
    for (let count = 2; this.objects.has(ref); count += 1) ref = `${base}${count}`;
    return ref;
  }
}

/** @throws Refusal 404 when there is no such type */
function typeNamed(type: string): ObjectType {
  const found = Object.hasOwn(OBJECT_TYPES, type) ? OBJECT_TYPES[type] : undefined;
  if (found) return found;
  throw new Refusal(404, [apiError("TYPE_DOES_NOT_EXIST", `There is no type ${type}.`, { type })]);
}

/** The attributes of each type that hold references, looked up for every object at each deletion. */
const REF_ATTRIBUTES = new Map(
  Object.entries(OBJECT_TYPES).map(([type, attributes]): [string, string[]] => [
    type,
    Object.entries(attributes).flatMap(([name, { refs }]) => (refs ? [name] : [])),
  ]),
);

function refAttributes(type: string): readonly string[] {
  return REF_ATTRIBUTES.get(type) ?? [];
}

/** Lists and hashes are new ones, so that no two objects share them. */
function defaultsOf(attributes: ObjectType): Record<string, unknown> {
  const defaults: Record<string, unknown> = {};
  for (const [name, { default: value }] of Object.entries(attributes)) {
    if (value !== undefined) defaults[name] = structuredClone(value);
  }
  return defaults;
}

/** Locks of the system cannot be overridden; locks of users can, and a request may take them off. Assumed: the status 403. */
function requireUnlocked(object: UtmObject, values: Record<string, unknown>, { isOverridingLocks }: Directives): void {
  const { _locked: lock, _ref: ref, _type: type } = object;
  const isUnlocking = values._locked === "" && Object.keys(values).length === 1;
  if (lock === "" || (lock === "user" && (isOverridingLocks || isUnlocking))) return;
  throw new Refusal(403, [apiError("OBJECT_LOCKED", `The object ${ref} is locked (${lock}).`, { type, ref })]);
}
