import * as pulumi from "@pulumi/pulumi";

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
 * Marks the secrets among the arguments of a resource, so that they are encrypted in the state even where the program
 * gave them as plain text. References such as `passwordEnv` are no secrets and stay readable.
 * @param paths of the secrets, such as `members[].connection.password`
 */
export function withSecrets<T extends object>(args: T, paths: readonly string[]): T {
  return marked(
    args,
    paths.map((path) => path.replaceAll("[]", ".[]").split(".")),
  ) as T;
}

function marked(value: unknown, paths: readonly string[][]): unknown {
  if (value === undefined || value === null || paths.length === 0) return value;
  // Where the members cannot be looked at, a secret may be among them.
  const isOpaque = typeof value !== "object" || isPending(value) || paths.some((path) => path.length === 0);
  if (isOpaque) return pulumi.secret(value);
  const below = (key: string) => paths.filter(([first]) => first === key).map(([, ...rest]) => rest);
  if (Array.isArray(value)) return value.map((element) => marked(element, below("[]")));
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, marked(member, below(key))]));
}

/** A member of an input that may be an output or a promise; not secret, even where members beside it are. */
export function memberOf<Value>(input: unknown, key: string): pulumi.Input<Value> {
  const read = (given: unknown) => (given as Record<string, Value> | undefined)?.[key] as Value;
  if (!isPending(input)) return read(input);
  const whole: pulumi.Output<unknown> = pulumi.output(input as object);
  return pulumi.unsecret(whole.apply(read));
}

/** Tells whether a value is an output or a promise, whose members cannot be looked at yet. */
export function isPending(value: unknown): boolean {
  return pulumi.Output.isInstance(value) || value instanceof Promise;
}
