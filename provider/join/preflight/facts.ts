import type { OperationContext } from "../../core/context";
import { type Attempt, AttemptLedger } from "../attempts";
import { Gathering } from "./gathering";
import type { PreflightOrder, SideOrder } from "./order";
import { gatherSpp, type SppFacts } from "./spp-facts";
import { gatherSps, type SpsFacts } from "./sps-facts";

/** How a side is addressed, and how its identity is proved. */
export interface SideNames {
  address: string;
  username: string;
  /** How the other end proves who it is: by its issuers, by a pinned certificate, or not at all. */
  trust: "authorities" | "pinned" | "skipped";
  /** SHA-256 of the pinned certificate, 64 lower-case hexadecimal digits. */
  pinned: string | undefined;
}

/** Everything the checks know. Gathered once; the checks themselves ask nobody. */
export interface Facts {
  sps: SideNames & SpsFacts;
  spp: SideNames & SppFacts;
  clusterId: string | undefined;
  rejoin: { isSppMoved: boolean } | undefined;
  /** How long the join may wait for the end of the cool-down, in seconds. */
  waitSeconds: number;
  /** Join requests from this machine whose end was not seen. */
  attempts: readonly Attempt[];
  /** Names of objects on SPS whose overwriting was acknowledged. */
  overwrites: readonly string[];
  backups: { sps: "require" | "skip" | "report"; spp: "take" | "require" | "skip" | "report" };
  /** This machine's clock when the gathering ended, in milliseconds since 1970. */
  gatheredAt: number;
}

/** The facts, and what it cost to get them. */
export interface Gathered {
  facts: Facts;
  /** Requests in the longest chain of dependent ones at most, per side; requests sent side by side count as one. */
  roundTrips: { sps: number; spp: number };
}

/** Bound of the gathering where none is given, in seconds. */
export const DEFAULT_LIMIT_SECONDS = 15;

/**
 * Asks both appliances, side by side, for everything the checks need; what is not there when the time is up stays
 * unread. Nothing is changed: the requests are reads, except those of logging in and out.
 * @throws the signal's reason when the user cancels
 */
export async function gatherFacts(order: PreflightOrder, context: OperationContext): Promise<Gathered> {
  const gathering = new Gathering(context, order.limitSeconds ?? DEFAULT_LIMIT_SECONDS);
  try {
    const [sps, spp, attempts] = await Promise.all([
      gatherSps(order, gathering),
      gatherSpp(order, gathering),
      new AttemptLedger().all(),
    ]);
    context.signal.throwIfAborted();
    const { sps: spsBackup = "report", spp: sppBackup = "report" } = order.backups ?? {};
    return {
      facts: {
        sps: { ...namesOf(order.sps), ...sps.facts },
        spp: { ...namesOf(order.spp), ...spp.facts },
        clusterId: order.clusterId,
        rejoin: order.rejoin,
        waitSeconds: order.waitSeconds ?? 0,
        attempts,
        overwrites: order.overwrites ?? [],
        backups: { sps: spsBackup, spp: sppBackup },
        gatheredAt: Date.now(),
      },
      roundTrips: { sps: sps.trips, spp: spp.trips },
    };
  } finally {
    gathering.end();
  }
}

function namesOf({ address, connection }: SideOrder): SideNames {
  const pinned = connection?.certificateSha256;
  const trust = pinned !== undefined ? "pinned" : connection?.insecureSkipVerify ? "skipped" : "authorities";
  return { address, username: connection?.username ?? "", trust, pinned };
}
