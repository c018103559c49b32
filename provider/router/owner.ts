import { randomBytes } from "node:crypto";

/** A resource as the owner of redirections; recorded on the router beside their rules. */
export interface Owner {
  /** Random, made at create and recorded in the state; empty in the preview of a new resource. */
  id: string;
  /** `urn:pulumi:stack::project::type::name`; absent where the front knows none. */
  urn?: string | undefined;
}

/** An id for a new resource: 12 hexadecimal digits. */
export function newOwnerId(): string {
  return randomBytes(6).toString("hex");
}

/** Whether two owners are the same resource of the program: after an interrupted create or as its own replacement. */
export function isSameResource(left: Owner, right: Owner): boolean {
  return left.id === right.id || (left.urn !== undefined && left.urn === right.urn);
}

/** Whether two owners are resources of one stack, as after a rename, or both of an unknown one. */
export function isSameStack(left: Owner, right: Owner): boolean {
  return stackOf(left.urn) === stackOf(right.urn);
}

/** An owner in messages: `resource router of stack network/prod`. */
export function ownerText({ id, urn }: Owner): string {
  if (urn === undefined) return `another resource (id ${id})`;
  const [stack = "", project = "", , ...name] = urn.replace(/^urn:pulumi:/, "").split("::");
  return `resource ${name.join("::")} of stack ${project}/${stack}`;
}

/** The stack of a URN: `urn:pulumi:stack::project`. */
export function stackOf(urn = ""): string {
  return urn.split("::").slice(0, 2).join("::");
}
