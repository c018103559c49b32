import { type Refusal, selectCommand } from "../command-table";
import { ACCESS_LIST_COMMANDS } from "./access-list";
import type { ConfigurationCommand, ConfigurationContext, Place } from "./context";
import { ARCHIVE_COMMANDS, GLOBAL_COMMANDS, LINE_COMMANDS } from "./global";
import { INTERFACE_COMMANDS } from "./interface";
import { NETWORK_GROUP_COMMANDS, SERVICE_GROUP_COMMANDS } from "./object-group";
import { ROUTE_MAP_COMMANDS } from "./route-map";
import { KIND_COMMANDS, OPERATION_COMMANDS, TRACK_COMMANDS } from "./sla";
import { VRF_COMMANDS, VRF_FAMILY_COMMANDS } from "./vrf";

/** The commands of each mode. Those of the global mode also work in the others and leave them. */
export const MODES: Record<Place["mode"], readonly ConfigurationCommand[]> = {
  config: GLOBAL_COMMANDS,
  "config-if": INTERFACE_COMMANDS,
  "config-std-nacl": ACCESS_LIST_COMMANDS,
  "config-ext-nacl": ACCESS_LIST_COMMANDS,
  "config-network-group": NETWORK_GROUP_COMMANDS,
  "config-service-group": SERVICE_GROUP_COMMANDS,
  "config-route-map": ROUTE_MAP_COMMANDS,
  "config-ip-sla": OPERATION_COMMANDS,
  "config-ip-sla-echo": KIND_COMMANDS,
  "config-ip-sla-tcp": KIND_COMMANDS,
  "config-track": TRACK_COMMANDS,
  "config-archive": ARCHIVE_COMMANDS,
  "config-sec-zone": [],
  "config-vrf": VRF_COMMANDS,
  "config-vrf-af": VRF_FAMILY_COMMANDS,
  "config-line": LINE_COMMANDS,
};

/** Executes one configuration command. Commands of the global mode leave the mode they are entered in. */
export function configureLine(context: ConfigurationContext, line: string): Refusal | { output: string | undefined } {
  const { mode } = context.place;
  const own = selectCommand(MODES[mode], line);
  const isLeaving = "refusal" in own && mode !== "config";
  const selection = isLeaving ? selectCommand(MODES.config, line) : own;
  if ("refusal" in selection) return "refusal" in own ? own : selection;
  if (isLeaving) context.place = { mode: "config" };
  return { output: selection.entry.run(context, selection.values) };
}
