import * as pulumi from "@pulumi/pulumi";
import { CREDENTIAL_NAMES } from "../../provider/core/credential-names";

type Primitive = string | number | boolean | undefined;

/** The same shape, where every part may be given as a plain value, a promise, or another resource's output. */
export type Inputs<T> = [T] extends [Primitive]
  ? pulumi.Input<T>
  : T extends readonly (infer Element)[]
    ? pulumi.Input<Inputs<Element>[]>
    : T extends object
      ? pulumi.Input<InputMembers<T>>
      : pulumi.Input<T>;

/** The arguments of a resource: an object whose members may be outputs. */
export type InputMembers<T> = { [Key in keyof T]: Inputs<T[Key]> };

/**
 * Marks the credentials of a connection as secrets, so that they are encrypted in the state even where the program
 * gave them as plain text. References such as `passwordEnv` are no secrets and stay readable.
 */
export function secretConnection<T>(connection: T): T {
  if (connection === undefined || connection === null || typeof connection !== "object") return connection;
  // Of something still to come the members cannot be told apart, so all of it is secret.
  if (isToCome(connection)) return pulumi.secret(connection) as T;
  return Object.fromEntries(
    Object.entries(connection).map(([key, value]) => {
      const isGroup = typeof value === "object" && !isToCome(value);
      // A connection may hold another one: that to its jump host.
      if (!CREDENTIAL_NAMES.includes(key)) return [key, key === "jumpHost" ? secretConnection(value) : value];
      return [key, value === undefined || isGroup ? value : pulumi.secret(value)];
    }),
  ) as T;
}

/** Tells whether a value is an output or a promise, whose members cannot be looked at yet. */
export function isToCome(value: unknown): boolean {
  return pulumi.Output.isInstance(value) || value instanceof Promise;
}
