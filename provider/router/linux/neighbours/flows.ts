import { type AddressRange, addressRange } from "../../networks";
import { type PortRange, portRanges } from "../../ports";
import type { Redirection } from "../../redirection";
import type { NextHop } from "../model/next-hops";

/** The legs of a redirected connection. */
export type Leg = "client→SPS" | "SPS→client" | "SPS→server" | "server→SPS";

/** Packets of a redirection on one leg. Absent parts are unknown. */
export interface Flow {
  leg: Leg;
  arrivesOn?: readonly string[];
  leavesOn?: readonly string[];
  sources?: readonly AddressRange[];
  destinations?: readonly AddressRange[];
  sourcePorts?: readonly PortRange[];
  destinationPorts?: readonly PortRange[];
  state: "new" | "established";
  direction: "original" | "reply";
  /** The flags of each kind of packet. */
  packets: readonly (readonly string[])[];
  /** The marks after the classification. */
  packetMark: number;
  connectionMark: number;
  /** True when the packet carries the address of a server and comes from SPS, or of a client likewise. */
  isFromSps: boolean;
  /** True when packets may also go to the router itself. */
  mayBeLocal?: boolean;
  family: "ip" | "ip6";
}

/** Which networks are behind which interface, as far as it is known. */
export interface Topology {
  /** The networks behind an interface; undefined when any network may be. */
  networksOf(device: string): readonly string[] | undefined;
  /** The interface towards a network; undefined when it is unknown. */
  deviceTowards(network: string): string | undefined;
}

/** Nothing is known. */
const NO_TOPOLOGY: Topology = { networksOf: () => undefined, deviceTowards: () => undefined };

/** The ports from which clients and SPS connect. */
const EPHEMERAL: readonly PortRange[] = [{ first: 1024, last: 65535 }];

const OPENING = [["SYN"]];
const GOING_ON = [["ACK"], ["PSH", "ACK"]];
const ANSWERING = [["SYN", "ACK"], ...GOING_ON];

/** All packets of a redirection. */
export function flowsOf(redirection: Redirection, hop: NextHop, topology: Topology = NO_TOPOLOGY): Flow[] {
  const { clientInterfaces, clientCidrs, serverCidrs, spsInterface, spsAddress, addressMode } = redirection;
  const ports = portRanges(redirection.ports);
  const isSpoofing = addressMode === "client";
  const clientNetworks = clientCidrs ?? networksBehind(clientInterfaces, topology);
  const towards = serverCidrs.map((network) => topology.deviceTowards(network));
  const serverInterfaces =
    redirection.serverInterfaces ?? (towards.every((name) => name !== undefined) ? towards : undefined);
  const clients = clientNetworks?.map(addressRange);
  const servers = serverCidrs.map(addressRange);
  const spoofed = isSpoofing ? clients : [addressRange(spsAddress)];
  const mark = hop.isMarked ? hop.mark : 0;
  const toServers = { destinations: servers, sourcePorts: EPHEMERAL, destinationPorts: ports };
  const clientSide = { ...(clients && { sources: clients }), ...toServers };
  const serverSide = { ...(spoofed && { sources: spoofed }), ...toServers };
  const back = ({ sources, destinations, destinationPorts }: typeof clientSide) => ({
    sources: destinations,
    ...(sources && { destinations: sources }),
    sourcePorts: destinationPorts,
    destinationPorts: EPHEMERAL,
  });
  const ofServers = (key: "arrivesOn" | "leavesOn") => serverInterfaces && { [key]: [...new Set(serverInterfaces)] };
  const serverMark = isSpoofing ? mark : 0;
  const common = { packetMark: 0, family: "ip", isFromSps: false } as const;
  const legs: Omit<Flow, "state" | "packets">[] = [
    {
      ...{ ...common, ...clientSide, leg: "client→SPS", direction: "original", connectionMark: mark },
      ...{ packetMark: mark, arrivesOn: clientInterfaces, leavesOn: [spsInterface] },
    },
    {
      ...{ ...common, ...back(clientSide), leg: "SPS→client", direction: "reply", connectionMark: mark },
      ...{
        isFromSps: !serverInterfaces?.includes(spsInterface),
        arrivesOn: [spsInterface],
        leavesOn: clientInterfaces,
      },
    },
    {
      ...{ ...common, ...serverSide, leg: "SPS→server", direction: "original", connectionMark: serverMark },
      ...{ isFromSps: isSpoofing, arrivesOn: [spsInterface], ...ofServers("leavesOn") },
    },
    {
      ...{ ...common, ...back(serverSide), leg: "server→SPS", direction: "reply", connectionMark: serverMark },
      ...{ packetMark: serverMark, ...ofServers("arrivesOn"), leavesOn: [spsInterface] },
    },
  ];
  return legs.flatMap((leg): Flow[] =>
    leg.direction === "original"
      ? [
          { ...leg, state: "new", packets: OPENING },
          { ...leg, state: "established", packets: GOING_ON },
        ]
      : [{ ...leg, state: "established", packets: ANSWERING }],
  );
}

/** Whether the connection of a flow has the mark: those of clients, and with the client's address those of servers too. */
export function isMarkedFlow({ addressMode }: Redirection, { leg }: Flow): boolean {
  return addressMode === "client" || leg === "client→SPS" || leg === "SPS→client";
}

function networksBehind(devices: readonly string[], topology: Topology): string[] | undefined {
  const networks = devices.map((device) => topology.networksOf(device));
  return networks.every((list) => list !== undefined) ? networks.flat() : undefined;
}
