import type { DefinitionType } from "../model/found";

/** An object of the router, or one that a step creates. */
export interface ObjectKey {
  type: DefinitionType | "route/policy";
  name: string;
  /** Of an object that exists: other objects may have the same name. */
  reference?: string;
}

/** The value of an attribute: as the API has it, or objects in place of their references. */
export type Value = string | number | boolean | ObjectKey | ObjectKey[] | string[];

export type Values = Readonly<Record<string, Value>>;

/** A request that changes the UTM, and what undoes it. */
export type Step =
  /** Undone by deleting the object. A policy route is inserted above all others. */
  | { kind: "create"; key: ObjectKey; values: Values }
  /** Undone by the attributes before. */
  | { kind: "change"; key: ObjectKey; values: Values; before: Values }
  /** Deletions come last, after the confirmation, and are not undone. */
  | { kind: "delete"; key: ObjectKey };

/** The changes to the wanted state, in three parts. */
export interface Plan {
  /** Without effect on traffic, except for wrong definitions that are corrected. */
  prepare: Step[];
  /** New policy routes are turned on before old ones are turned off. */
  activate: Step[];
  /** After the confirmation. */
  clean: Step[];
}

export function turn(key: ObjectKey, isOn: boolean): Step {
  return { kind: "change", key, values: { status: isOn }, before: { status: !isOn } };
}

/** Whether nothing is to do. */
export function isEmpty({ prepare, activate, clean }: Plan): boolean {
  return prepare.length + activate.length + clean.length === 0;
}

const TITLES: Readonly<Record<ObjectKey["type"], string>> = {
  "network/host": "host",
  "network/network": "network",
  "network/group": "network group",
  "service/tcp": "service",
  "service/group": "service group",
  "route/policy": "policy route",
};

/** What a step does, after "would": `turn on policy route sps:rdp:in:Internal`. */
export function titleOf(step: Step): string {
  const what = `${TITLES[step.key.type]} ${step.key.name}`;
  if (step.kind !== "change") return `${step.kind} ${what}`;
  const { status } = step.values;
  return status === undefined ? `correct ${what}` : `turn ${status ? "on" : "off"} ${what}`;
}

/** The undoing steps of a step in reverse. */
export function undoOf(step: Step): Step | undefined {
  if (step.kind === "create") return { kind: "delete", key: step.key };
  if (step.kind === "change") return { ...step, values: step.before, before: step.values };
  return undefined;
}
