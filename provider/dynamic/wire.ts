import { isRecord } from "../core/record";
import { UNKNOWN } from "../core/unknown";

/** How the Pulumi engine writes a value it does not know yet, in previews (pulumi.runtime.unknownValue). */
const UNKNOWN_ON_THE_WIRE = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The member under which Pulumi keeps the text of a dynamic provider; it must come back with every state. */
export const PROVIDER_TEXT = "__provider";

/** The member under which the classes pass the URN of a resource, of which Pulumi tells no dynamic provider. */
export const RESOURCE_URN = "__urn";

/** The member that marks a state as recorded after a failure; the next update has to verify everything. */
export const UNFINISHED = "__unfinished";

/**
 * The member that brings the failures of a check to the class. The engine stops a whole preview at the first failed check; a
 * class that reports it as an error lets the preview show the faults of all resources, and fail at its end.
 */
export const PROBLEMS = "__problems";

/** Members that the front keeps for itself. The CLI shows no member whose name begins with two underscores. */
const OWN: readonly string[] = [PROVIDER_TEXT, RESOURCE_URN, UNFINISHED, PROBLEMS];

/** How the engine writes a secret: an object with this signature and the value beside it. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";

/** Engine values to the core's: the marker becomes UNKNOWN, secrets their value, members of the front go. */
export function fromWire(value: unknown): unknown {
  if (value === UNKNOWN_ON_THE_WIRE) return UNKNOWN;
  if (Array.isArray(value)) return value.map(fromWire);
  if (value === null || typeof value !== "object") return value;
  if (SIGNATURE in value && value[SIGNATURE] === SECRET_SIGNATURE && "value" in value) return fromWire(value.value);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !OWN.includes(key))
      .map(([key, inner]) => [key, fromWire(inner)]),
  );
}

/**
 * Core values to the engine's: plain JSON, without undefined members. Values at the paths in `secrets`, such as
 * `members[].connection.password`, are marked as secrets: the engine does so by itself for what the program marked, but
 * what lost its mark on the way would be stored as plain text.
 * @throws TypeError for anything JSON would lose or change without a word (dates, functions, big integers)
 */
export function toWire(value: unknown, secrets: ReadonlySet<string>, whole = "state"): unknown {
  const convert = (inner: unknown, path: string): unknown => {
    const plain = convertPlain(inner, path);
    return secrets.has(path.replace(/\[\d+\]/g, "[]")) && inner !== UNKNOWN
      ? { [SIGNATURE]: SECRET_SIGNATURE, value: plain }
      : plain;
  };
  const convertPlain = (inner: unknown, path: string): unknown => {
    if (inner === UNKNOWN) return UNKNOWN_ON_THE_WIRE;
    if (inner === null || typeof inner === "string" || typeof inner === "boolean") return inner;
    if (typeof inner === "number" && Number.isFinite(inner) && Math.abs(inner) <= Number.MAX_SAFE_INTEGER) return inner;
    if (Array.isArray(inner)) return inner.map((element, index) => convert(element, `${path}[${index}]`));
    if (typeof inner === "object" && [Object.prototype, null].includes(Object.getPrototypeOf(inner))) {
      const members = Object.entries(inner).filter(([, member]) => member !== undefined);
      const pathOf = (key: string) => (path === "" ? key : `${path}.${key}`);
      return Object.fromEntries(members.map(([key, member]) => [key, convert(member, pathOf(key))]));
    }
    const name = path === "" ? whole : `${whole}.${path}`;
    throw new TypeError(`${name} cannot be recorded: it is no plain JSON (${typeof inner})`);
  };
  return convert(value, "");
}

/** The members that the front keeps in every state: the provider text and the URN. */
export function ownMembers(...given: unknown[]): Record<string, unknown> {
  const members = given.flatMap((value) => (value !== null && typeof value === "object" ? Object.entries(value) : []));
  const kept = members.filter(([key, value]) => [PROVIDER_TEXT, RESOURCE_URN].includes(key) && value !== undefined);
  return Object.fromEntries(kept);
}

/** Engine values as a record; anything else counts as empty. */
export function recordFromWire(value: unknown): Record<string, unknown> {
  const converted = fromWire(value);
  return isRecord(converted) ? converted : {};
}
