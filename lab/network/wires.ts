/** The hosts of the lab's network. Each is a network namespace of its own. */
export const PLACES = ["client", "server", "router", "sps", "mgmt"] as const;
export type Place = (typeof PLACES)[number];

/** A cable between the router and one other host. All networks are /24. */
export interface Wire {
  place: Exclude<Place, "router">;
  /** Interface and address of the router's end. */
  routerInterface: string;
  routerAddress: string;
  /** Interface and addresses of the other host's end. */
  farInterface: string;
  farAddresses: readonly string[];
  network: string;
}

/** Every cable of the network, the same in every lab: labs do not see each other. */
export const WIRES = {
  client: {
    place: "client",
    routerInterface: "rcli",
    routerAddress: "192.168.50.1",
    farInterface: "cli0",
    farAddresses: ["192.168.50.10"],
    network: "192.168.50.0/24",
  },
  server: {
    place: "server",
    routerInterface: "rsrv",
    routerAddress: "10.0.0.1",
    farInterface: "srv0",
    farAddresses: ["10.0.0.5", "10.0.0.6"],
    network: "10.0.0.0/24",
  },
  sps: {
    place: "sps",
    routerInterface: "rsps",
    routerAddress: "172.16.9.1",
    farInterface: "sps0",
    farAddresses: ["172.16.9.2"],
    network: "172.16.9.0/24",
  },
  mgmt: {
    place: "mgmt",
    routerInterface: "rmgt",
    routerAddress: "172.31.255.1",
    farInterface: "mgt0",
    farAddresses: ["172.31.255.2"],
    network: "172.31.255.0/24",
  },
} as const satisfies Record<Exclude<Place, "router">, Wire>;

/** Any interface of the network, at either end of a cable. */
export type InterfaceName = (typeof WIRES)[keyof typeof WIRES]["routerInterface" | "farInterface"];

/** Name of a host's network namespace; it carries the lab's name, although no other lab can see it. */
export function namespaceName(labName: string, place: Place): string {
  return `${labName}-${place}`;
}

/** The cable an interface belongs to, and the host at that end. */
export function endOf(name: InterfaceName): { wire: Wire; place: Place } {
  for (const wire of Object.values(WIRES)) {
    if (wire.routerInterface === name) return { wire, place: "router" };
    if (wire.farInterface === name) return { wire, place: wire.place };
  }
  throw new Error(`Invalid value for interface: ${name}. Allowed values are: ${interfaceNames().join(", ")}.`);
}

function interfaceNames(): string[] {
  return Object.values(WIRES).flatMap((wire) => [wire.routerInterface, wire.farInterface]);
}
