import { z } from "zod";
import type { SpsClient } from "./client";

/** An endpoint that an account may use. */
export interface AllowedEndpoint {
  /** Path without a trailing slash, for example `/api/cluster`. */
  path: string;
  /** Methods in upper case. */
  methods: string[];
}

const endpoints = z.array(z.looseObject({ url: z.string(), methods: z.array(z.string()) })).nullish();
const userInfoAnswer = z.looseObject({ endpoints, body: z.looseObject({ endpoints }).nullish() });

/**
 * The endpoints that the logged-in account may use (`GET /api/user_info`, SPS REST reference §2.7); undefined when the node does
 * not report it. @throws SpsRefusal
 */
export async function readAllowedEndpoints(client: SpsClient): Promise<AllowedEndpoint[] | undefined> {
  const answer = await client.get("/api/user_info", userInfoAnswer);
  const listed = answer.endpoints ?? answer.body?.endpoints;
  return listed?.map(({ url, methods }) => ({
    path: url.replace(/^https?:\/\/[^/]+/, "").replace(/\/+$/, ""),
    methods: methods.map((method) => method.toUpperCase()),
  }));
}

/** Whether an account may change a path or anything below it; undefined when the node reports no endpoint there. */
export function mayChange(endpoints: readonly AllowedEndpoint[] | undefined, path: string): boolean | undefined {
  const below = endpoints?.filter((endpoint) => endpoint.path === path || endpoint.path.startsWith(`${path}/`)) ?? [];
  if (below.length === 0) return undefined;
  return below.some(({ methods }) => methods.some((method) => ["POST", "PUT"].includes(method)));
}
