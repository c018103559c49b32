import type { Json, JsonObject } from "../state/json";
import type { Session } from "../state/sessions";

export type Method = "GET" | "POST" | "PUT" | "DELETE";

/** A request as the resources see it. */
export interface Call {
  path: string;
  query: URLSearchParams;
  /** The named parts of the resource's path. */
  parameters: Record<string, string>;
  /** Parsed body; undefined when it was empty. */
  body: Json | undefined;
  authorization: string | undefined;
  session: Session | undefined;
  /** Whether a cookie came along that belongs to no living session. */
  hasStaleCookie: boolean;
}

/** A request of somebody who is logged in. */
export interface SessionCall extends Call {
  session: Session;
}

export interface Answer {
  status: number;
  /** JSON body, or bytes of a download; none for an empty answer. */
  body?: JsonObject | Buffer;
  headers?: Record<string, string>;
}

export type Handler<Given extends Call> = (call: Given) => Answer | Promise<Answer>;
export type Methods<Given extends Call> = Partial<Record<Method, Handler<Given>>>;

/** One path of the API, parts such as `:id` standing for anything, with the methods it supports. */
export type Resource =
  | { path: string; access: "anonymous"; methods: Methods<Call> }
  | { path: string; access: "authenticated"; methods: Methods<SessionCall> };

/** Finds the resource of a path. */
export type Resolver = (path: string) => { resource: Resource; parameters: Record<string, string> } | undefined;

/** Resolves a fixed list of resources; where several fit, the first one counts. */
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
