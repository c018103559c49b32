import { z } from "zod";
import { parseJson } from "../../../core/json";
import { inShape } from "../../../https/shape";
import type { Found } from "../model/found";
import { type ObjectKey, type Step, titleOf, type Value, type Values } from "../plan/steps";
import { RequestRefused, type UtmApi } from "./utm-client";

/** The node that holds the policy routes in their order. */
const ROUTES = "routes.policy";

const createdSchema = z.looseObject({ _ref: z.string().min(1) });
const usedBySchema = z.looseObject({ nodes: z.array(z.string()), objects: z.array(z.string()) });

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

  /** @throws RequestRefused; AnswerLost */
  async create({ key, values }: Extract<Step, { kind: "create" }>): Promise<void> {
    const step = titleOf({ kind: "create", key, values });
    const body = { name: key.name, ...this.resolved(values) };
    const insertInto = key.type === "route/policy" ? { insertInto: ROUTES } : {};
    const text = await this.client.change("POST", `/api/objects/${key.type}/`, step, body, insertInto);
    const remedy = "run pulumi up again: it reads the router before it sends anything";
    const { _ref } = inShape(createdSchema, parseJson(text), { object: this.client.object, step, remedy });
    this.created.set(`${key.type} ${key.name}`, _ref);
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
    const path = this.pathOf(key);
    if (path === undefined) return [];
    const step = titleOf({ kind: "delete", key });
    try {
      const { nodes, objects } = await this.client.get(`${path}/usedby`, usedBySchema, step);
      const isRoute = key.type === "route/policy";
      const users = [...nodes.filter((node) => !(isRoute && node === ROUTES)), ...objects];
      if (users.length > 0) return users;
      const { isOverridingLocks } = this;
      await this.client.change("DELETE", path, step, undefined, { isAcknowledged: isRoute, isOverridingLocks });
      return [];
    } catch (error) {
      if (error instanceof RequestRefused && error.status === 404) return [];
      throw error;
    }
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
