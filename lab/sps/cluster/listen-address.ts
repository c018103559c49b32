import { isObject } from "../state/json";
import { CLUSTER_SERVICE } from "../state/schema";
import { addressAt } from "../state/shapes";
import type { View } from "../state/store";

/** The IPv4 address of the enabled cluster interface; undefined while it is disabled. */
export function clusterListenAddress(view: View): string | undefined {
  const service = view.get(CLUSTER_SERVICE);
  if (!isObject(service) || service.enabled !== true || typeof service.listen_address !== "string") return undefined;
  return addressAt(service.listen_address, view)?.split("/")[0];
}
