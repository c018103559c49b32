import { entryOf } from "../../join/preflight/consequences";
import type { Facts } from "../../join/preflight/facts";

/** Whether SPP lists the cluster as connected. */
export function isConnectedEntry(facts: Facts): boolean {
  return entryOf(facts)?.row.isConnected === true;
}
