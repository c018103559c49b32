import type { Json, JsonObject } from "../state/json";
import type { Session } from "../state/sessions";

/** A supported HTTP method. */
export type Method = "GET" | "POST" | "PUT" | "DELETE";

/** A request to a resource. */
export interface Call {
  path: string;
  query: URLSearchParams;
  /** The parameters of the path. */
  parameters: Record<string, string>;
  /** Parsed body; undefined when empty. */
  body: Json | undefined;
  authorization: string | undefined;
  session: Session | undefined;
  /** Whether the request has a cookie without an active session. */
  hasStaleCookie: boolean;
}

/** A request of a logged-in user. */
export interface SessionCall extends Call {
  session: Session;
}

/** A response. */
export interface ApiResponse {
  status: number;
  /** JSON, or the bytes of a download. Default: empty. */
  body?: JsonObject | Buffer;
  headers?: Record<string, string>;
}

/** Handles one method of a resource. */
export type Handler<Request extends Call> = (call: Request) => ApiResponse | Promise<ApiResponse>;
/** The handlers of a resource by method. */
export type Methods<Request extends Call> = Partial<Record<Method, Handler<Request>>>;

/** A path of the API, with parameters such as `:id`, and its methods. */
export type Resource =
  | { path: string; access: "anonymous"; methods: Methods<Call> }
  | { path: string; access: "authenticated"; methods: Methods<SessionCall> };

/** Finds the resource and the path parameters of a request. */
export type Resolver = (path: string) => { resource: Resource; parameters: Record<string, string> } | undefined;

/** Resolves a fixed list of resources; the first match wins. */
export function resolverOf(resources: Resource[]): Resolver {
  const compiled = resources.map((resource) => ({ resource, parts: resource.path.split("/") }));
  return (path) => {
    const parts = path.split("/");
    for (const { resource, parts: pattern } of compiled) {
      if (pattern.length !== parts.length) continue;
      if (!pattern.every((part, index) => part.startsWith(":") || part === parts[index])) continue;
      const named = pattern.map((part, index) => [part.slice(1), parts[index] ?? ""] as const);
      return { resource, parameters: Object.fromEntries(named.filter((_, index) => pattern[index]?.startsWith(":"))) };
    }
    return undefined;
  };
}
