import { createServer, type Server, type ServerResponse } from "node:http";
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
 * how many joins of one SPP are in work at a time. Who waits for a join asks once and is answered at its end: fifty clients that ask again and
 * again would keep the machine busy, and slow down what is measured.
 */
export class Farm {
  private readonly posts = new Map<string, number>();
  private readonly joined = new Set<string>();
  private readonly joining = new Map<string, number>();
  /** Those who wait for the end of the join of a site. */
  private readonly waiting = new Map<string, ServerResponse[]>();
  private mostAtOnce = 0;
  private readonly server: Server;

  constructor(private readonly joinMs: (site: string) => number = () => JOIN_MS) {
    this.server = createServer((request, response) => {
      const [, site = "", spp = "", end] = (request.url ?? "").split("/");
      if (request.method === "POST") this.join(site, spp);
      if (end !== undefined && !this.joined.has(site))
        this.waiting.set(site, [...(this.waiting.get(site) ?? []), response]);
      else this.answer(site, response);
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

  private isWorking(site: string): boolean {
    return (this.posts.get(site) ?? 0) > 0 && !this.joined.has(site);
  }

  private answer(site: string, response: ServerResponse): void {
    response.end(JSON.stringify({ isJoined: this.joined.has(site), isWorking: this.isWorking(site) }));
  }

  private join(site: string, spp: string): void {
    this.posts.set(site, (this.posts.get(site) ?? 0) + 1);
    const atOnce = (this.joining.get(spp) ?? 0) + 1;
    this.joining.set(spp, atOnce);
    this.mostAtOnce = Math.max(this.mostAtOnce, atOnce);
    setTimeout(() => {
      this.joined.add(site);
      this.joining.set(spp, (this.joining.get(spp) ?? 1) - 1);
      for (const response of this.waiting.get(site) ?? []) this.answer(site, response);
      this.waiting.delete(site);
    }, this.joinMs(site));
  }
}
