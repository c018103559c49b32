import { createServer, type Server } from "node:net";

/** The addresses on which the appliances of a lab listen. */
export interface LabAddresses {
  /** Loopback addresses of the SPS nodes, SPP and the router's management port. */
  sps: string[];
  spp: string;
  router: string;
  /** Port of every appliance; 0 when all share one address and each takes a free port. */
  port: number;
  /** Addresses of the cluster interfaces; the same as `sps` unless all appliances share one address. */
  cluster: string[];
}

const MAX_LABS = 250;

/** A lab keeps this port open on an unused address to mark its set of addresses as taken. */
const RESERVATION_PORT = 7777;

/** Addresses of a lab that no other lab can take. */
export interface AddressReservation {
  addresses: LabAddresses;
  /** Frees the addresses; the system also frees them when the process ends. */
  release: () => Promise<void>;
}

/**
 * Reserves a free set of addresses: one for each appliance under 127.77.N, with port 443 where this user may open it
 * and 8443 otherwise, because some clients know no other port. On machines with a single loopback address (macOS), all
 * appliances share it and use different ports. Labs that start at the same moment get different addresses.
 * @throws Error when all sets are in use.
 */
export async function reserveAddresses(spsCount: number): Promise<AddressReservation> {
  for (let n = 1; n <= MAX_LABS; n += 1) {
    const reservation = await tryListen(`127.77.${n}.254`, RESERVATION_PORT);
    if (reservation === "EADDRNOTAVAIL") return { addresses: sharedAddressSet(n, spsCount), release: async () => {} };
    if (typeof reservation === "string") continue;
    const port = await freePort(addressSet(n, spsCount, 443));
    if (port !== undefined) return { addresses: addressSet(n, spsCount, port), release: () => close(reservation) };
    await close(reservation);
  }
  throw new Error(
    `all ${MAX_LABS} address sets for labs are in use; stop a lab with: npm run lab -- down --name <name>`,
  );
}

/** The first port that this user can open on all addresses of the appliances. */
async function freePort({ sps, spp }: LabAddresses): Promise<number | undefined> {
  for (const port of [443, 8443]) {
    const servers = await Promise.all([...sps, spp].map((address) => tryListen(address, port)));
    await Promise.all(servers.map((server) => (typeof server === "string" ? undefined : close(server))));
    if (servers.every((server) => typeof server !== "string")) return port;
  }
  return undefined;
}

function addressSet(n: number, spsCount: number, port: number): LabAddresses {
  const sps = Array.from({ length: spsCount }, (_, index) => `127.77.${n}.${11 + index}`);
  return { sps, spp: `127.77.${n}.5`, router: `127.77.${n}.1`, port, cluster: sps };
}

function sharedAddressSet(n: number, spsCount: number): LabAddresses {
  const own = addressSet(n, spsCount, 0);
  return { sps: own.sps.map(() => "127.0.0.1"), spp: "127.0.0.1", router: "127.0.0.1", port: 0, cluster: own.sps };
}

/** A server that listens on the port, or the system's error code. */
function tryListen(host: string, port: number): Promise<Server | string> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host, port, exclusive: true }, () => resolve(server));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
