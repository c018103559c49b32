import { isSameName } from "../../core/names";
import { UNKNOWN, type Unknown } from "../../core/unknown";

/** A recorded join whose program now names another address on at least one side. */
export interface Movement {
  /** The recorded addresses. */
  sps: string;
  spp: string;
  isSppMoved: boolean;
}

/**
 * Compares the recorded addresses with the wanted ones; undefined when nothing is recorded, nothing changed, or the wanted addresses are
 * unknown.
 */
export function movementOf(
  olds: Record<string, unknown>,
  wanted: { sps: string | Unknown; spp: string | Unknown },
): Movement | undefined {
  const [sps, spp] = [recordedAddress(olds.sps), recordedAddress(olds.spp)];
  if (sps === undefined || spp === undefined) return undefined;
  const isSppMoved = wanted.spp !== UNKNOWN && !isSameName(wanted.spp, spp);
  const isSpsMoved = wanted.sps !== UNKNOWN && !isSameName(wanted.sps, sps);
  return isSppMoved || isSpsMoved ? { sps, spp, isSppMoved } : undefined;
}

/** The wanted addresses; each may be unknown. */
export function addressesOf(inputs: Connections): { sps: string | Unknown; spp: string | Unknown } {
  return { sps: addressOf(inputs.sps), spp: addressOf(inputs.spp) };
}

type Connection = { address: string | Unknown } | Unknown;
interface Connections {
  sps: Connection;
  spp: Connection;
}

const addressOf = (connection: Connection) => (connection === UNKNOWN ? UNKNOWN : connection.address);

function recordedAddress(connection: unknown): string | undefined {
  if (connection === null || typeof connection !== "object" || !("address" in connection)) return undefined;
  return typeof connection.address === "string" ? connection.address : undefined;
}
