import type { FastifyInstance, FastifyRequest } from "fastify";
import { refusals } from "../api-error";
import type { Authorization } from "../authorization";
import type { SppContext } from "../context";
import type { Query } from "../query/collection";

/** Adds the same routes to all API versions of a service. */
export type RouteGroup = (server: FastifyInstance, context: SppContext, access: Authorization) => void;

/** The API version in the path of a request. */
export function versionOf(request: FastifyRequest): number {
  return Number(pathParameter(request, "version").slice(1));
}

/** The query parameters of a request. */
export function queryOf(request: FastifyRequest): Query {
  return request.query as Query;
}

/** A parameter of the path, such as `{id}`. */
export function pathParameter(request: FastifyRequest, name: string): string {
  return (request.params as Record<string, string>)[name] ?? "";
}

/**
 * The JSON object in the body of a request.
 * @throws ApiError 60245 without a body, 70000 when the body is not an object.
 */
export function bodyOf(request: FastifyRequest): Record<string, unknown> {
  const body: unknown = request.body;
  if (body === undefined || body === null) throw refusals.bodyMissing();
  if (typeof body !== "object" || Array.isArray(body)) throw refusals.unbindable("entity", "An object is expected.");
  return body as Record<string, unknown>;
}

/**
 * A text property of a body; undefined when absent or null.
 * @throws ApiError 70000 for another type.
 */
export function textOf(body: Record<string, unknown>, name: string): string | undefined {
  const value = body[name] ?? undefined;
  if (value === undefined || typeof value === "string") return value;
  throw refusals.unbindable(`entity.${name}`, "Text is expected.");
}

/**
 * A boolean property of a body; undefined when absent or null.
 * @throws ApiError 70000 for another type.
 */
export function booleanOf(body: Record<string, unknown>, name: string): boolean | undefined {
  const value = body[name] ?? undefined;
  if (value === undefined || typeof value === "boolean") return value;
  throw refusals.unbindable(`entity.${name}`, "A boolean is expected.");
}

/**
 * An integer property of a body; undefined when absent or null.
 * @param range lowest and highest allowed value.
 * @throws ApiError 70000 for another type or a value out of range.
 */
export function integerOf(
  body: Record<string, unknown>,
  name: string,
  [lowest, highest]: readonly [number, number] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
): number | undefined {
  const value = body[name] ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value !== "number" || !Number.isInteger(value)) {
    throw refusals.unbindable(`entity.${name}`, "A whole number is expected.");
  }
  if (value >= lowest && value <= highest) return value;
  throw refusals.unbindable(`entity.${name}`, `The field ${name} must be between ${lowest} and ${highest}.`);
}
