import { z } from "zod";
import { parseJson } from "../../../core/json";
import { inShape } from "../../../https/shape";
import type { Found } from "../model/found";
import { type ObjectKey, type Step, titleOf, type Value, type Values } from "../plan/steps";
import { ignoreMissing, type UtmApi } from "./utm-client";

/** The node that holds the policy routes in their order. */
const ROUTES = "routes.policy";

const createdSchema = z.looseObject({ _ref: z.string().min(1) });
const usedBySchema = z.looseObject({ nodes: z.array(z.string()), objects: z.array(z.string()) });

const isRoute = ({ type }: ObjectKey) => type === "route/policy";

/** Executes steps over one connection, and knows the references of the objects that they name. */
export class StepExecutor {
  private readonly existing: ReadonlySet<string>;
  /** By type and name, also those that an earlier connection created. */
  private readonly created: Map<string, string>;

  constructor(
    private readonly client: UtmApi,
    found: Found,
    private readonly isOverridingLocks: boolean,
  ) {
    const all = [...found.definitions, ...found.routes];
    this.existing = new Set(all.map(({ reference }) => reference));
    this.created = new Map(all.map(({ type, name, reference }) => [`${type} ${name}`, reference]));
  }

  /** @returns the reference of the new object. @throws RequestRefused; AnswerLost */
  async create({ key, values }: Extract<Step, { kind: "create" }>): Promise<string> {
    const step = titleOf({ kind: "create", key, values });
    const body = { name: key.name, ...this.resolved(values) };
    const insertInto = key.type === "route/policy" ? { insertInto: ROUTES } : {};
    const text = await this.client.change("POST", `/api/objects/${key.type}/`, step, body, insertInto);
    const remedy = "run pulumi up again: it reads the router before it sends anything";
    const { _ref } = inShape(createdSchema, parseJson(text), { object: this.client.object, step, remedy });
    this.created.set(`${key.type} ${key.name}`, _ref);
    return _ref;
  }

  /** Nothing is done for an object that is missing. */
  async change(step: Extract<Step, { kind: "change" }>): Promise<void> {
    const path = this.pathOf(step.key);
    if (path === undefined) return;
    const { isOverridingLocks } = this;
    await this.client.change("PATCH", path, titleOf(step), this.resolved(step.values), { isOverridingLocks });
  }

  /**
   * Deletes an object, unless other objects use it. A missing one counts as deleted.
   * @returns what still uses it; empty when it is gone
   */
  async delete({ key }: Extract<Step, { kind: "delete" }>): Promise<string[]> {
    const users = await this.usersOf(key);
    if (users.length === 0) await this.deleteUnused(key);
    return users;
  }

  /**
   * Deletes objects one after the other like `delete`, but reads beforehand and together what uses them.
   * @returns what is kept, with what still uses it
   */
  async deleteAll(steps: readonly Extract<Step, { kind: "delete" }>[]): Promise<{ key: ObjectKey; users: string[] }[]> {
    const known = await Promise.all(steps.map(({ key }) => (isRoute(key) ? undefined : this.usersOf(key))));
    const gone = new Set<string>();
    const kept: { key: ObjectKey; users: string[] }[] = [];
    for (const [index, step] of steps.entries()) {
      const { key } = step;
      const isUnused = known[index]?.every((user) => gone.has(user));
      // The UTM itself refuses to delete a definition that others have begun to use; it deletes a policy route all the same.
      const users = isUnused ? await this.deleteUnused(key) : await this.delete(step);
      if (users.length > 0) kept.push({ key, users });
      else gone.add(this.referenceOf(key) ?? "");
    }
    return kept;
  }

  /** What uses an object besides the list of policy routes; nothing for a missing one. */
  private async usersOf(key: ObjectKey): Promise<string[]> {
    const path = this.pathOf(key);
    if (path === undefined) return [];
    const step = titleOf({ kind: "delete", key });
    const found = await this.client.get(`${path}/usedby`, usedBySchema, step).catch(ignoreMissing);
    if (!found) return [];
    return [...found.nodes.filter((node) => !(isRoute(key) && node === ROUTES)), ...found.objects];
  }

  private async deleteUnused(key: ObjectKey): Promise<[]> {
    const path = this.pathOf(key);
    if (path === undefined) return [];
    const { isOverridingLocks } = this;
    const directives = { isAcknowledged: isRoute(key), isOverridingLocks };
    const step = titleOf({ kind: "delete", key });
    await this.client.change("DELETE", path, step, undefined, directives).catch(ignoreMissing);
    return [];
  }

  private pathOf(key: ObjectKey): string | undefined {
    const reference = this.referenceOf(key);
    return reference === undefined ? undefined : `/api/objects/${key.type}/${reference}`;
  }

  /** Undefined for an object that is missing. */
  private referenceOf({ type, name, reference }: ObjectKey): string | undefined {
    if (reference === undefined) return this.created.get(`${type} ${name}`);
    return this.existing.has(reference) ? reference : undefined;
  }

  private resolved(values: Values): Record<string, unknown> {
    return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, this.resolvedValue(value)]));
  }

  private resolvedValue(value: Value): unknown {
    if (Array.isArray(value)) return value.map((one) => this.resolvedValue(one));
    if (typeof value !== "object") return value;
    const reference = this.referenceOf(value);
    if (reference === undefined) throw new Error(`object ${value.name} is used before it is created`);
    return reference;
  }
}
