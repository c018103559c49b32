import { z } from "zod";
import type { SpsClient } from "./client";

/** An endpoint an account may use. */
export interface AllowedEndpoint {
  /** Path without a slash at its end, for example `/api/cluster`. */
  path: string;
  /** Methods in capitals. */
  methods: string[];
}

const endpoints = z.array(z.looseObject({ url: z.string(), methods: z.array(z.string()) })).nullish();
const userInfoAnswer = z.looseObject({ endpoints, body: z.looseObject({ endpoints }).nullish() });

/**
 * What the logged-in account may do (`GET /api/user_info`, SPS REST reference §2.7); undefined when the node does not
 * tell. One round trip. @throws SpsRefusal
 */
export async function readAllowedEndpoints(client: SpsClient): Promise<AllowedEndpoint[] | undefined> {
  const answer = await client.get("/api/user_info", userInfoAnswer);
  const told = answer.endpoints ?? answer.body?.endpoints;
  return told?.map(({ url, methods }) => ({
    path: url.replace(/^https?:\/\/[^/]+/, "").replace(/\/+$/, ""),
    methods: methods.map((method) => method.toUpperCase()),
  }));
}
