import { z } from "zod";
import { parseJson } from "../core/json";
import type { Transport } from "../https/transport";

/** Data that an SPS node reports without a login. */
export interface Greeting {
  /** Whether the answer has the form of an SPS answer; an error answer counts. */
  isSps: boolean;
  /** State of the welcome wizard, for example `completed`; undefined when unknown. */
  setupStatus: string | undefined;
}

const greetingAnswer = z.looseObject({
  status: z.string().nullish(),
  body: z.looseObject({ status: z.string().nullish() }).nullish(),
  error: z.looseObject({ type: z.string() }).nullish(),
  meta: z.looseObject({ href: z.string().nullish() }).nullish(),
});

/** `GET /api/setup`, which needs no login (SPS REST reference §14.1). One round trip. @throws SafeguardError SG1010–SG1017 */
export async function readGreeting(transport: Transport): Promise<Greeting> {
  const answer = await transport.send({ method: "GET", path: "/api/setup" });
  const parsed = greetingAnswer.safeParse(parseJson(answer.text));
  if (!parsed.success) return { isSps: false, setupStatus: undefined };
  const { status, body, error, meta } = parsed.data;
  const setupStatus = answer.status === 200 ? (status ?? body?.status ?? undefined) : undefined;
  const isSps = setupStatus !== undefined || Boolean(error) || (meta?.href ?? "").startsWith("/api");
  return { isSps, setupStatus };
}
