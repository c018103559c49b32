import { interfaceSelector } from "../../fields";
import type { PacketPlatform } from "../../planning/packet-problems";
import { isInterfaceName } from "./interfaces";

/** The inputs that a Cisco router can have. */
export const CISCO_INPUTS: PacketPlatform = {
  existingConnections: "platform cisco-ios tracks no connections, so existing connections are redirected too",
  isInterface: (text) => interfaceSelector(text)?.kind === "address" || isInterfaceName(text),
  interfaces:
    'the name of a Cisco interface, such as GigabitEthernet0/1, "address:10.0.0.1" for the one with that address',
};
