import type { Configuration, Directives, UtmObject } from "./configuration";
import { definitionList, definitionOf } from "./definitions";
import { apiError, Refusal } from "./refusal";

/** A request without its transport. */
export interface ApiRequest {
  method: string;
  /** Path without query. */
  path: string;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Text of the body; empty without one. */
  body: string;
}

export interface ApiAnswer {
  status: number;
  /** Absent for answers without a body. */
  body?: unknown;
}

/** The versions that `GET /api/status/version` reports. */
const VERSION = { utm: "9.723-10", restd: "1.3.0" };

/** Answers a request of an authenticated user. Documented: paths, methods, headers and 200, 201, 204 for success. */
export function answer(configuration: Configuration, request: ApiRequest): ApiAnswer {
  try {
    return dispatch(configuration, request);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { status: error.status, body: error.errors };
  }
}

function dispatch(configuration: Configuration, request: ApiRequest): ApiAnswer {
  const { method, path } = request;
  const [root, area = "", ...rest] = path.split("/").filter((part) => part !== "");
  if (root !== "api") throw notFound(path);
  if (area === "status" && rest[0] === "version" && method === "GET") return { status: 200, body: VERSION };
  if (area === "definitions" && method === "GET" && rest.length < 2) {
    const body = rest[0] === undefined ? definitionList() : definitionOf(rest[0]);
    if (body === undefined) throw notFound(path);
    return { status: 200, body };
  }
  if (area === "nodes") return nodeAnswer(configuration, request, rest[0]);
  const [objectClass, kind, ref, part, ...more] = rest;
  if (area !== "objects" || objectClass === undefined || kind === undefined || more.length > 0) throw notFound(path);
  const type = `${objectClass}/${kind}`;
  if (ref === undefined) return listAnswer(configuration, request, type);
  if (part === "usedby" && method === "GET") return { status: 200, body: configuration.usedBy(type, ref) };
  if (part !== undefined) throw notFound(path);
  return objectAnswer(configuration, request, type, ref);
}

function listAnswer(configuration: Configuration, request: ApiRequest, type: string): ApiAnswer {
  if (request.method === "GET") return { status: 200, body: configuration.list(type) };
  if (request.method !== "POST") throw notAllowed(request);
  return { status: 201, body: configuration.create(type, valuesOf(request), directivesOf(request)) };
}

function objectAnswer(configuration: Configuration, request: ApiRequest, type: string, ref: string): ApiAnswer {
  const directives = directivesOf(request);
  switch (request.method) {
    case "GET":
      return { status: 200, body: configuration.get(type, ref) };
    case "PUT":
      return { status: 200, body: configuration.put(type, ref, valuesOf(request), directives) };
    case "PATCH":
      return { status: 200, body: configuration.patch(type, ref, valuesOf(request), directives) };
    case "DELETE":
      configuration.delete(type, ref, directives);
      return { status: 204 };
    default:
      throw notAllowed(request);
  }
}

function nodeAnswer(configuration: Configuration, request: ApiRequest, name: string | undefined): ApiAnswer {
  const { method } = request;
  if (name === undefined) {
    if (method === "GET") return { status: 200, body: Object.fromEntries(configuration.nodes) };
    if (method !== "PATCH") throw notAllowed(request);
    configuration.setNodes(valuesOf(request));
    return { status: 204 };
  }
  if (method === "GET") return { status: 200, body: configuration.node(name) };
  if (method !== "PUT") throw notAllowed(request);
  configuration.setNodes({ [name]: jsonOf(request) });
  return { status: 200, body: configuration.node(name) };
}

function directivesOf({ headers }: ApiRequest): Directives {
  const [node = "", position = "-1"] = String(headers["x-restd-insert"] ?? "").split(" ");
  return {
    isAcknowledged: ["last", "all"].includes(String(headers["x-restd-err-ack"])),
    isOverridingLocks: headers["x-restd-lock-override"] === "yes",
    ...(node !== "" && { insert: { node, position: Number(position) } }),
  };
}

function valuesOf(request: ApiRequest): Record<string, unknown> {
  const value = jsonOf(request);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Partial<UtmObject>;
  throw malformed("the body is no JSON object");
}

function jsonOf({ headers, body }: ApiRequest): unknown {
  if (!String(headers["content-type"]).startsWith("application/json"))
    throw malformed("the body is not declared as JSON");
  try {
    return JSON.parse(body);
  } catch {
    throw malformed("the body is no JSON");
  }
}

const malformed = (text: string) =>
  new Refusal(400, [apiError("MALFORMED", `The request is malformed: ${text}.`, { type: "" })]);
const notFound = (path: string) =>
  new Refusal(404, [apiError("NOT_FOUND", `There is nothing at ${path}.`, { type: "" })]);
const notAllowed = ({ method, path }: ApiRequest) =>
  new Refusal(405, [apiError("NOT_ALLOWED", `${method} is not possible at ${path}.`, { type: "" })]);
