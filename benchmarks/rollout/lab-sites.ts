import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { linkPackage } from "../../tests/contract/front";
import { locksIn } from "../../tests/engine/rollout-project";
import { isJoined, isRedirected, joinPosts, mostJoinsAtOnce, requestsAt } from "../../tests/support/sites-record";
import { type ManySites, type SiteRow, startManySites } from "../../tools/start/many-sites";
import { statesUnlikeHistory } from "./by-hand";
import { CliEnvironment } from "./cli-environment";

/** Below this folder the program of the sites finds the packages of the project. */
const WORKSPACE = resolve(__dirname, "../../tests/engine/workspace");
const SITES_PER_SPP = 15;
/** From so many sites on, a second one is broken, in another way. */
const MANY = 20;
const SOAK_SECONDS = 5;

/** Larger waves would last longer than the checks of their sites are good for, and each of these would be previewed a second time. */
const SITES_PER_WAVE = 40;
const CANARIES = 2;

/** A canary, and at least two waves, the last of which waits for an approval. */
function definitionOf(count: number, parallelism: number, budget: number): string {
  const waves = Math.max(2, Math.ceil((count - CANARIES) / SITES_PER_WAVE));
  const size = Math.ceil((count - CANARIES) / waves);
  const lines = Array.from({ length: waves - 1 }, (_, n) => `  - { name: wave-${n + 1}, count: ${size} }\n`);
  return `name: farm
program: site
sites: { csv: sites.csv }
canary: { count: ${CANARIES}, soakSeconds: ${SOAK_SECONDS}, doctor: true }
waves:
${lines.join("")}  - { name: last, rest: true, approval: true }
parallelism: ${parallelism}
onFailure: continue
failureBudget: { perWave: ${budget}, total: ${budget} }
`;
}

/** What the appliances themselves recorded. */
export interface AppliancesRecord {
  /** Requests for a join that one SPS received. */
  maxJoinPostsPerSite: number;
  /** Joins of one SPP that were under way at a time, by the logs of the SPS nodes. */
  concurrentJoinsPerSpp: number;
  /** Sites whose SPS has finished its join and is trusted by its SPP. */
  joined: number;
  /** Sites whose router has exactly one redirection, which is on. */
  redirected: number;
  /** Requests for session modules that the SPPs received, those included that they refused. */
  modulePosts: number;
  /** Requests at the SPS and the router of sites that must not be touched. */
  requestsAtFrozenSites: number;
}

/** Copies of the example many-sites with as many simulated sites as wanted, to which the real Pulumi CLI rolls out with a file backend. */
export class LabSites {
  private constructor(
    private readonly folder: string,
    private readonly environment: CliEnvironment,
    private readonly many: ManySites,
  ) {}

  static async start(count: number, parallelism: number): Promise<LabSites> {
    linkPackage();
    mkdirSync(WORKSPACE, { recursive: true });
    const folder = mkdtempSync(join(WORKSPACE, "farm-"));
    try {
      const rows = rowsOf(count);
      const budget = rows.filter(({ fault }) => fault).length * 3;
      const plan = { rows, rollout: definitionOf(count, parallelism, budget) };
      const many = await startManySites(folder, `farm-${process.pid}`, plan);
      return new LabSites(folder, new CliEnvironment(folder, many.env), many);
    } catch (error) {
      remove(folder);
      throw error;
    }
  }

  get file(): string {
    return join(this.folder, "rollout.yaml");
  }

  get spps(): number {
    return this.many.labs.length;
  }

  /** How many sites should be joined, broken and frozen at the end. */
  get expected(): { done: number; failed: number; frozen: number } {
    const { sites } = this.many;
    const failed = sites.filter(({ fault }) => fault).length;
    const frozen = sites.filter(({ isFrozen }) => isFrozen).length;
    return { done: sites.length - failed - frozen, failed, frozen };
  }

  get isJoining(): boolean {
    return this.many.sites.some(({ node }) => node.joined?.phase === "requested" || node.joined?.phase === "validated");
  }

  record(): AppliancesRecord {
    const { sites, labs } = this.many;
    const frozen = sites.filter(({ isFrozen }) => isFrozen);
    return {
      maxJoinPostsPerSite: Math.max(...sites.map(joinPosts)),
      concurrentJoinsPerSpp: Math.max(...labs.map(mostJoinsAtOnce)),
      joined: this.joined(),
      redirected: sites.filter(isRedirected).length,
      modulePosts: sum(labs.map(({ spp }) => spp.traffic.count("POST", /\/Cluster\/SessionModules$/))),
      requestsAtFrozenSites: sum(frozen.map(requestsAt)),
    };
  }

  joined(): number {
    return this.many.sites.filter(isJoined).length;
  }

  /** The locks of stacks that are left in the backend. */
  locks(): string[] {
    return locksIn(join(this.folder, "state"));
  }

  /** The stacks whose state something else than Pulumi has written. */
  editedStates(): string[] {
    return statesUnlikeHistory(join(this.folder, "state"));
  }

  async stop(): Promise<void> {
    this.environment.restore();
    await this.many.stop();
    remove(this.folder);
  }
}

const remove = (folder: string) => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 500 });
const sum = (numbers: readonly number[]) => numbers.reduce((left, right) => left + right, 0);

/** The last site is frozen, and the middle ones are broken: neither is a canary. */
function rowsOf(count: number): SiteRow[] {
  const spps = Math.max(2, Math.ceil(count / SITES_PER_SPP));
  const middle = Math.floor(count / 2);
  const faults = new Map<number, SiteRow["fault"]>([[middle, "silent"]]);
  if (count >= MANY) faults.set(middle + 1, "refusing");
  return Array.from({ length: count }, (_, n) => ({
    name: `site-${String(n + 1).padStart(3, "0")}`,
    ...{ spp: `spp-${n % spps}`, region: "farm", fault: faults.get(n), isFrozen: n === count - 1 },
  }));
}
