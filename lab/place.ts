import { createServer, type Server } from "node:net";

/** Where a lab's appliances listen. */
export interface LabPlace {
  /** Loopback addresses of the SPS nodes, SPP and the router's management port. */
  sps: string[];
  spp: string;
  router: string;
  /** Port of every appliance; 0 where all share one address and take a free port each. */
  port: number;
  /** Addresses of the cluster interfaces; those of the appliances where each has one of its own. */
  cluster: string[];
}

const MOST_LABS = 250;

/** Port that a lab holds open, on an address nothing else uses, as a sign that its place is taken. */
const SIGN_PORT = 7777;

/** A place and the sign that holds it. */
export interface HeldPlace {
  place: LabPlace;
  /** Gives the place back; the system does so too when the process ends. */
  release: () => Promise<void>;
}

/**
 * Takes a place nobody uses: an address for each appliance under 127.77.N, with the real port 443 where this user
 * may open it and 8443 else, so that clients that know no other port work too. Where the machine has only one loopback
 * address (macOS), all share it, on a port each. Labs that start at the same moment get different places.
 */
export async function takePlace(spsCount: number): Promise<HeldPlace> {
  for (let n = 1; n <= MOST_LABS; n += 1) {
    const sign = await tryListen(`127.77.${n}.254`, SIGN_PORT);
    if (sign === "EADDRNOTAVAIL") return { place: sharedPlace(n, spsCount), release: async () => {} };
    if (typeof sign === "string") continue;
    const port = await freePort(placeNumber(n, spsCount, 443));
    if (port !== undefined) return { place: placeNumber(n, spsCount, port), release: () => close(sign) };
    await close(sign);
  }
  throw new Error(`${MOST_LABS} labs run on this machine already; stop one with: npm run lab -- down --name <name>`);
}

/** The first port that is free, and allowed, on every address of a place. */
async function freePort({ sps, spp }: LabPlace): Promise<number | undefined> {
  for (const port of [443, 8443]) {
    const servers = await Promise.all([...sps, spp].map((address) => tryListen(address, port)));
    await Promise.all(servers.map((server) => (typeof server === "string" ? undefined : close(server))));
    if (servers.every((server) => typeof server !== "string")) return port;
  }
  return undefined;
}

function placeNumber(n: number, spsCount: number, port: number): LabPlace {
  const sps = Array.from({ length: spsCount }, (_, index) => `127.77.${n}.${11 + index}`);
  return { sps, spp: `127.77.${n}.5`, router: `127.77.${n}.1`, port, cluster: sps };
}

function sharedPlace(n: number, spsCount: number): LabPlace {
  const own = placeNumber(n, spsCount, 0);
  return { sps: own.sps.map(() => "127.0.0.1"), spp: "127.0.0.1", router: "127.0.0.1", port: 0, cluster: own.sps };
}

/** A server that holds the port, or the system's reason why it cannot be had. */
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
