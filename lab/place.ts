import { createServer } from "node:net";

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

/**
 * Finds a place nobody uses: an address for each appliance under 127.77.N, with the real port 443 where this user
 * may open it and 8443 else, so that clients that know no other port work too. Where the machine has only one loopback
 * address (macOS), all share it, on a port each.
 */
export async function findPlace(spsCount: number, taken: (n: number) => boolean = () => false): Promise<LabPlace> {
  for (let n = 1; n <= MOST_LABS; n += 1) {
    if (taken(n)) continue;
    const place = placeNumber(n, spsCount);
    const errors = await Promise.all([...place.sps, place.spp].map((address) => tryListen(address, place.port)));
    if (errors.includes("EADDRNOTAVAIL")) return sharedPlace(n, spsCount);
    if (errors.includes("EACCES")) {
      place.port = 8443;
      if ((await Promise.all([...place.sps, place.spp].map((address) => tryListen(address, 8443)))).every((e) => !e))
        return place;
      continue;
    }
    if (errors.every((error) => error === undefined)) return place;
  }
  throw new Error(`${MOST_LABS} labs run on this machine already; stop one with: npm run lab -- down --name <name>`);
}

function placeNumber(n: number, spsCount: number): LabPlace {
  const sps = Array.from({ length: spsCount }, (_, index) => `127.77.${n}.${11 + index}`);
  return { sps, spp: `127.77.${n}.5`, router: `127.77.${n}.1`, port: 443, cluster: sps };
}

function sharedPlace(n: number, spsCount: number): LabPlace {
  const own = placeNumber(n, spsCount);
  return { sps: own.sps.map(() => "127.0.0.1"), spp: "127.0.0.1", router: "127.0.0.1", port: 0, cluster: own.sps };
}

/** The system's reason why nobody can listen there now; undefined when somebody can. */
function tryListen(address: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host: address, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}
