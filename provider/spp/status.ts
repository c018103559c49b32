import { z } from "zod";
import { parseJson } from "../core/json";
import type { Transport } from "../https/transport";
import type { SppClient } from "./client";
import { sppFailure } from "./failures";

/** Status of an SPP appliance, also available without a login. */
export interface SppStatus {
  applianceId: string;
  /** For example `8.2.0.21662`; undefined when unknown. */
  version: string | undefined;
  /** The state as reported by the appliance, for example `Online`. */
  state: string;
  isPrimary: boolean;
  isMaintenance: boolean;
  isReadOnly: boolean;
  /** The appliance's clock, in milliseconds since 1970; this machine's when unknown. */
  now: number;
}

const statusAnswer = z
  .looseObject({
    ApplianceId: z.string(),
    ApplianceVersion: z.string().nullish(),
    ApplianceCurrentState: z.string(),
    IsPrimary: z.boolean(),
    IsMaintenance: z.boolean().nullish(),
    IsReadOnly: z.boolean().nullish(),
    CurrentTime: z.string().nullish(),
  })
  .transform((answer): SppStatus => {
    const now = Date.parse(answer.CurrentTime ?? "");
    return {
      applianceId: answer.ApplianceId,
      version: answer.ApplianceVersion ?? undefined,
      state: answer.ApplianceCurrentState,
      isPrimary: answer.IsPrimary,
      isMaintenance: answer.IsMaintenance ?? false,
      isReadOnly: answer.IsReadOnly ?? false,
      now: Number.isNaN(now) ? Date.now() : now,
    };
  });

/** API versions in order of preference; the notification service is as old as v2 (SPP REST reference §1.0). */
const VERSIONS = ["v4", "v3", "v2"] as const;

/** `GET notification/Status` (SPP REST reference §5) over a session. */
export function readStatus(client: SppClient): Promise<SppStatus> {
  return client.get("notification", "Status", statusAnswer);
}

/** SPP's own clock, in milliseconds since 1970. */
export async function readNow(client: SppClient): Promise<number> {
  return (await readStatus(client)).now;
}

/**
 * Reads the status without a login; available even when the appliance is not online. Sends one more request for each unsupported API
 * version.
 * @throws SafeguardError SG1010–SG1017, SG2004 not an SPP, SG2005 it answers 5xx
 */
export async function readPublicStatus(transport: Transport): Promise<SppStatus> {
  for (const version of VERSIONS) {
    const answer = await transport.send({ method: "GET", path: `/service/notification/${version}/Status` });
    if (answer.status >= 500) throw sppFailure("unavailable", transport.object, "read Status", `${answer.status}`);
    if (answer.status !== 200) continue;
    const parsed = statusAnswer.safeParse(parseJson(answer.text));
    if (!parsed.success) break;
    return parsed.data;
  }
  throw sppFailure("notSpp", transport.object, "read Status");
}

/**
 * Why SPP accepts no changes now, following `it answered`; undefined when it accepts them. A healthy replica passes, because a separate
 * check refuses replicas.
 */
export function unavailability({ state, isPrimary, isMaintenance, isReadOnly }: SppStatus): string | undefined {
  const isOnline = state.toLowerCase() === "online" || (!isPrimary && state === "ReplicaWithQuorum");
  if (!isOnline || isMaintenance) return `that it is ${state}`;
  return isReadOnly && isPrimary ? "that it is read-only" : undefined;
}
