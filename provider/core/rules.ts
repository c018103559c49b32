import { z } from "zod";
import type { JsonSchema } from "./json-schema";
import { UNKNOWN } from "./unknown";

type Members = Record<string, unknown>;

/** A rule between the members of a group. */
export interface Rule {
  /** The text of the failure, without the path of the group; undefined while the rule is met. */
  problem(members: Members): string | undefined;
  /** The same rule as JSON Schema. */
  schema: JsonSchema;
}

/** At most one of these members is set: they are ways to say the same thing. */
export function atMostOne(names: readonly string[]): Rule {
  const pairs = names.flatMap((one, index) => names.slice(index + 1).map((other) => ({ required: [one, other] })));
  return {
    problem(members) {
      const given = names.filter((name) => isSet(members[name]));
      return given.length > 1 ? `${listed(given)} are set; set only one of them` : undefined;
    },
    schema: { not: { anyOf: pairs } },
  };
}

/** At least one of these members is set; `what` names the missing thing otherwise. */
export function atLeastOne(names: readonly string[], what: string): Rule {
  const choice = `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
  return {
    problem: (members) => (names.some((name) => isSet(members[name])) ? undefined : `no ${what} is set; set ${choice}`),
    schema: { anyOf: names.map((name) => ({ required: [name] })) },
  };
}

/** When `name` is set, one of `needed` is, too. */
export function needs(name: string, needed: readonly string[]): Rule {
  const [first = "", ...rest] = needed;
  const wanted = rest.length === 0 ? first : `${first} or ${rest.join(" or ")}`;
  return {
    problem: (members) =>
      isSet(members[name]) && !needed.some((other) => isSet(members[other]))
        ? `${name} is set without ${first}; set ${wanted}, or remove ${name}`
        : undefined,
    schema: { anyOf: [{ not: { required: [name] } }, ...needed.map((other) => ({ required: [other] }))] },
  };
}

/** A group whose members keep rules. They are checked even where single members are wrong. */
export function withRules<Group extends z.ZodObject>(group: Group, rules: readonly Rule[]): Group {
  const checks = rules.map((rule) =>
    z.refine((members) => rule.problem(members as Members) === undefined, {
      error: ({ input }) => rule.problem(input as Members),
      // By default, zod skips it as soon as one member is wrong.
      when: ({ value }) => typeof value === "object" && value !== null,
    }),
  );
  return group.check(...checks).meta({ allOf: rules.map(({ schema }) => schema) }) as unknown as Group;
}

/** `false` turns something off, as leaving it out does; something unknown may become anything. */
function isSet(value: unknown): boolean {
  return value === UNKNOWN || (value !== undefined && value !== false);
}

function listed(names: readonly string[]): string {
  return names.length === 2 ? `both ${names.join(" and ")}` : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
