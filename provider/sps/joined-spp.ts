import { z } from "zod";
import { type SpsClient, SpsRefusal } from "./client";

const address = z.looseObject({ spp: z.string().min(1).nullish(), address: z.string().min(1).nullish() });
const joinedSppAnswer = z.looseObject({ body: address.nullish() }).and(address).catch({});

/**
 * The address of the SPP that a node reports as joined (`GET /api/cluster/spp`); undefined when it reports none. No document describes the
 * request, so any refusal and any other answer counts as none (SPS REST reference §10.5).
 */
export async function readJoinedSpp(client: SpsClient): Promise<string | undefined> {
  try {
    const { body, spp, address } = await client.get("/api/cluster/spp", joinedSppAnswer);
    return body?.spp ?? body?.address ?? spp ?? address ?? undefined;
  } catch (error) {
    if (error instanceof SpsRefusal && error.status < 500 && error.status !== 401) return undefined;
    throw error;
  }
}
