import { interfaceSelector } from "../../fields";
import type { PacketPlatform } from "../../planning/packet-problems";

/** The inputs that a Sophos UTM can have. */
export const SOPHOS_INPUTS: PacketPlatform = {
  isInterface: (text) => interfaceSelector(text)?.kind !== "towards",
  interfaces: 'the name of an interface in WebAdmin, "address:10.0.0.1" for the one with that address',
};
