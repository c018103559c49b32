import { type Refusal, selectCommand } from "../command-table";
import { ACCESS_LIST_COMMANDS } from "./access/access-list";
import { IPV6_ACCESS_LIST_COMMANDS } from "./access/ipv6-access-list";
import { NETWORK_GROUP_COMMANDS, SERVICE_GROUP_COMMANDS } from "./access/object-group";
import { TIME_RANGE_COMMANDS } from "./access/time-range";
import type { ConfigurationCommand, ConfigurationContext, Place } from "./context";
import { ARCHIVE_COMMANDS, GLOBAL_COMMANDS, LINE_COMMANDS } from "./global";
import { INTERFACE_COMMANDS } from "./interface";
import { ROUTE_MAP_COMMANDS } from "./routing/route-map";
import { VRF_COMMANDS, VRF_FAMILY_COMMANDS } from "./routing/vrf";
import { KIND_COMMANDS, OPERATION_COMMANDS, TRACK_COMMANDS } from "./sla";

/** The commands of each mode. Those of the global mode also work in the others and leave them. */
export const MODES: Record<Place["mode"], readonly ConfigurationCommand[]> = {
  config: GLOBAL_COMMANDS,
  "config-if": INTERFACE_COMMANDS,
  "config-std-nacl": ACCESS_LIST_COMMANDS,
  "config-ext-nacl": ACCESS_LIST_COMMANDS,
  "config-ipv6-acl": IPV6_ACCESS_LIST_COMMANDS,
  "config-network-group": NETWORK_GROUP_COMMANDS,
  "config-service-group": SERVICE_GROUP_COMMANDS,
  "config-route-map": ROUTE_MAP_COMMANDS,
  "config-ip-sla": OPERATION_COMMANDS,
  "config-ip-sla-echo": KIND_COMMANDS,
  "config-ip-sla-tcp": KIND_COMMANDS,
  "config-track": TRACK_COMMANDS,
  "config-archive": ARCHIVE_COMMANDS,
  "config-sec-zone": [],
  "config-if-range": INTERFACE_COMMANDS,
  "config-time-range": TIME_RANGE_COMMANDS,
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
  if (!isLeaving && context.place.mode === "config-if-range") {
    const outputs = inEach(context, context.place.names, selection);
    return { output: outputs.length > 0 ? outputs.join("\n") : undefined };
  }
  return { output: selection.entry.run(context, selection.values) };
}

/** Executes a command of the interface mode in each interface of a range, which is left by no command of it. */
function inEach(
  { configuration }: ConfigurationContext,
  names: readonly string[],
  { entry, values }: { entry: ConfigurationCommand; values: string[] },
): string[] {
  return names.flatMap((name) => entry.run({ configuration, place: { mode: "config-if", name } }, [...values]) ?? []);
}
