import { z } from "zod";
import type { Transport } from "../https/transport";
import { timeOf } from "./clock";
import { sppFailure } from "./failures";

/** What an SPP appliance tells everybody about itself. */
export interface PublicStatus {
  applianceId: string;
  /** For example `8.2.0.21662`; undefined when it is not told. */
  version: string | undefined;
  /** The appliance's own word, for example `Online`. */
  state: string;
  isPrimary: boolean;
  isMaintenance: boolean;
  isReadOnly: boolean;
  /** The appliance's clock, in milliseconds since 1970; this machine's when it is not told. */
  now: number;
}

const statusAnswer = z.looseObject({
  ApplianceId: z.string(),
  ApplianceVersion: z.string().nullish(),
  ApplianceCurrentState: z.string(),
  IsPrimary: z.boolean(),
  IsMaintenance: z.boolean().nullish(),
  IsReadOnly: z.boolean().nullish(),
  CurrentTime: z.string().nullish(),
});

/** API versions in order of preference; the notification service is as old as v2 (SPP REST reference §1.0). */
const VERSIONS = ["v4", "v3", "v2"] as const;

/**
 * `GET notification/Status`, which needs no login and answers also while the appliance is not online (§5).
 * @returns the status and how many round trips it took: one more for each API version the appliance does not know.
 * @throws SafeguardError SG1010–SG1017, SG2004 not an SPP, SG2005 it answers 5xx
 */
export async function readPublicStatus(transport: Transport): Promise<{ status: PublicStatus; trips: number }> {
  for (const [index, version] of VERSIONS.entries()) {
    const answer = await transport.send({ method: "GET", path: `/service/notification/${version}/Status` });
    if (answer.status >= 500) throw sppFailure("unavailable", transport.object, "read Status", `${answer.status}`);
    if (answer.status !== 200) continue;
    const parsed = statusAnswer.safeParse(jsonOf(answer.text));
    if (!parsed.success) break;
    const { data } = parsed;
    const status = {
      applianceId: data.ApplianceId,
      version: data.ApplianceVersion ?? undefined,
      state: data.ApplianceCurrentState,
      isPrimary: data.IsPrimary,
      isMaintenance: data.IsMaintenance ?? false,
      isReadOnly: data.IsReadOnly ?? false,
      now: timeOf(data.CurrentTime),
    };
    return { status, trips: index + 1 };
  }
  throw sppFailure("notSpp", transport.object, "read Status");
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
