import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** How long one join takes by default, in milliseconds; it goes on when the client that asked for it is killed. */
const JOIN_MS = 60;

/** The farm's own record, with which the workers have nothing to do. */
export interface FarmRecord {
  maxJoinPostsPerSite: number;
  concurrentJoinsPerSpp: number;
  joined: number;
}

/**
 * Many sites as simple as they can be: each can be asked whether it is joined, and can be joined once. The farm counts the requests, and
 * how many joins of one SPP are in work at a time.
 */
export class Farm {
  private readonly posts = new Map<string, number>();
  private readonly joined = new Set<string>();
  private readonly joining = new Map<string, number>();
  private mostAtOnce = 0;
  private readonly server: Server;

  constructor(private readonly joinMs: (site: string) => number = () => JOIN_MS) {
    this.server = createServer((request, response) => {
      const [, site = "", spp = ""] = (request.url ?? "").split("/");
      if (request.method === "POST") this.join(site, spp);
      const isWorking = (this.posts.get(site) ?? 0) > 0 && !this.joined.has(site);
      response.end(JSON.stringify({ isJoined: this.joined.has(site), isWorking }));
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** What the sites saw so far; a new rollout of the same names begins with `reset`. */
  record(): FarmRecord {
    return {
      maxJoinPostsPerSite: Math.max(0, ...this.posts.values()),
      concurrentJoinsPerSpp: this.mostAtOnce,
      joined: this.joined.size,
    };
  }

  reset(): void {
    this.posts.clear();
    this.joined.clear();
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private join(site: string, spp: string): void {
    this.posts.set(site, (this.posts.get(site) ?? 0) + 1);
    const atOnce = (this.joining.get(spp) ?? 0) + 1;
    this.joining.set(spp, atOnce);
    this.mostAtOnce = Math.max(this.mostAtOnce, atOnce);
    setTimeout(() => {
      this.joined.add(site);
      this.joining.set(spp, (this.joining.get(spp) ?? 1) - 1);
    }, this.joinMs(site));
  }
}
