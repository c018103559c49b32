/** The hosts of the network; each is a network namespace. */
export const HOSTS = ["client", "server", "router", "sps", "mgmt"] as const;
export type Host = (typeof HOSTS)[number];

/** A link between the router and another host. All networks are /24. */
export interface Link {
  host: Exclude<Host, "router">;
  /** Interface and address at the router. */
  routerInterface: string;
  routerAddress: string;
  /** Interface and addresses at the other host. */
  farInterface: string;
  farAddresses: readonly string[];
  network: string;
}

/** The links of the network. All labs use the same addresses, because their networks are isolated. */
export const LINKS = {
  client: {
    host: "client",
    routerInterface: "rcli",
    routerAddress: "192.168.50.1",
    farInterface: "cli0",
    farAddresses: ["192.168.50.10"],
    network: "192.168.50.0/24",
  },
  server: {
    host: "server",
    routerInterface: "rsrv",
    routerAddress: "10.0.0.1",
    farInterface: "srv0",
    farAddresses: ["10.0.0.5", "10.0.0.6"],
    network: "10.0.0.0/24",
  },
  sps: {
    host: "sps",
    routerInterface: "rsps",
    routerAddress: "172.16.9.1",
    farInterface: "sps0",
    farAddresses: ["172.16.9.2"],
    network: "172.16.9.0/24",
  },
  mgmt: {
    host: "mgmt",
    routerInterface: "rmgt",
    routerAddress: "172.31.255.1",
    farInterface: "mgt0",
    farAddresses: ["172.31.255.2"],
    network: "172.31.255.0/24",
  },
} as const satisfies Record<Exclude<Host, "router">, Link>;

/** An interface of the network, at either end of a link. */
export type InterfaceName = (typeof LINKS)[keyof typeof LINKS]["routerInterface" | "farInterface"];

/** Name of a host's network namespace. */
export function namespaceName(labName: string, host: Host): string {
  return `${labName}-${host}`;
}

/** The link to which an interface belongs, and the host at that end. */
export function interfaceEnd(name: InterfaceName): { link: Link; host: Host } {
  for (const link of Object.values(LINKS)) {
    if (link.routerInterface === name) return { link, host: "router" };
    if (link.farInterface === name) return { link, host: link.host };
  }
  throw new Error(`Invalid value for interface: ${name}. Allowed values are: ${interfaceNames().join(", ")}.`);
}

function interfaceNames(): string[] {
  return Object.values(LINKS).flatMap((link) => [link.routerInterface, link.farInterface]);
}
