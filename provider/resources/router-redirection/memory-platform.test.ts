import { z } from "zod";
import { SafeguardError } from "../../core/errors";
import { someText } from "../../core/fields";
import type { Capabilities, Support } from "../../router/capabilities";
import { isSameResource, type Owner, ownerText } from "../../router/owner";
import {
  type Change,
  type OwnedInputs,
  PartiallyApplied,
  type PlatformContext,
  type RouterPlatform,
  type RouterReading,
} from "../../router/platform";

/** A connection of the platform in memory. */
export interface MemoryConnection {
  address: string;
}

/** What a test says about the next change. */
type Fault = "refused" | "partial" | "unreachable" | "foreign" | undefined;

const ABILITIES = [
  "persistence",
  "draining",
  "bypass",
  "pathProof",
  "trafficProof",
  "hostProbes",
  "portProbes",
  "adopting",
  "existingConnections",
] as const;

/** Everything that a platform may lack. */
export const LACKING = [...ABILITIES, "client", "open"] as const;

/** A platform whose routers are maps in this process, for tests of what the resource does with any platform. */
export class MemoryPlatform {
  /** The redirections of each router, by address and name. */
  readonly routers = new Map<string, Map<string, { rule: string; owner: Owner }>>();
  /** Every call that reached a router, in order. */
  readonly calls: string[] = [];
  /** What happens to the next change. */
  fault: Fault;
  /** The most changes that were at work on one router at the same time. */
  mostAtOnce = 0;
  private atWork = 0;

  constructor(
    private readonly lacking: readonly (typeof LACKING)[number][] = [],
    private readonly rollback: Capabilities["rollback"] = "device",
  ) {}

  /** The platforms of a provider that has no other. */
  get platforms(): ReadonlyMap<string, RouterPlatform> {
    return new Map([["memory", this.platform as RouterPlatform]]);
  }

  /** The platform itself. */
  readonly platform: RouterPlatform<MemoryConnection, { zone: string }, { zone: string }> = {
    name: "memory",
    block: "memory",
    connection: z.strictObject({ address: someText("Name of the router.") }),
    options: z.strictObject({ zone: someText("Zone of the rules.").default("inside") }),
    status: z.object({ zone: z.string() }),
    capabilities: () => this.capabilities(),
    problems: () => ({ failures: [], notes: [{ severity: "info", text: "memory: looked at the inputs" }] }),
    lines: linesOf,
    identify: ({ address }) => ({ object: `router ${address}`, address, key: address }),
    isSameRouter: (left, right) => left.address === right.address,
    preview: async ({ connection }, depth) => {
      this.calls.push(`preview ${connection.address} ${depth}`);
      this.requireNoFault(connection.address);
      return { refusals: [], notes: [{ severity: "info", text: `router ${connection.address}: would change` }] };
    },
    apply: (change, context) => this.apply(change, context),
    read: async ({ address }, { inputs }) => {
      this.calls.push(`read ${address}`);
      const own = [...(this.routers.get(address)?.values() ?? [])].filter(({ owner }) => owner.id === inputs.owner?.id);
      return own.length === 0
        ? undefined
        : readingOf(
            own.map(({ rule }) => rule),
            inputs.options.zone,
          );
    },
    remove: (change, context) => this.apply(change, context),
  };

  private capabilities(): Capabilities {
    const supports = (ability: (typeof ABILITIES)[number]): Support =>
      !this.lacking.includes(ability) || { reason: `memory lacks ${ability}` };
    return {
      rollback: this.rollback,
      persistence: supports("persistence"),
      draining: supports("draining"),
      bypass: supports("bypass"),
      pathProof: supports("pathProof"),
      trafficProof: supports("trafficProof"),
      hostProbes: supports("hostProbes"),
      portProbes: supports("portProbes"),
      adopting: supports("adopting"),
      adoptedByEffect: undefined,
      existingConnections: supports("existingConnections"),
      addressModes: this.lacking.includes("client") ? ["own"] : ["own", "client"],
      failModes: this.lacking.includes("open") ? ["closed"] : ["closed", "open"],
    };
  }

  private async apply(
    { connection: { address }, wanted, owned, isAdopting }: Change<MemoryConnection, { zone: string }>,
    context: PlatformContext,
  ) {
    return await context.exclusively(async () => {
      this.atWork += 1;
      this.mostAtOnce = Math.max(this.mostAtOnce, this.atWork);
      await new Promise((resolve) => setImmediate(resolve));
      this.atWork -= 1;
      this.calls.push(`${wanted ? "apply" : "remove"} ${address}`);
      this.requireNoFault(address);
      const router = this.routers.get(address) ?? new Map<string, { rule: string; owner: Owner }>();
      const rules = wanted ? linesOf(wanted) : [];
      for (const [index, { name }] of (wanted?.redirections ?? []).entries()) {
        const [found, owner] = [router.get(name)?.owner, wanted?.owner ?? { id: "" }];
        if (found && !isAdopting && !isSameResource(found, owner)) throw this.taken(address, found);
        router.set(name, { rule: rules[index] ?? "", owner });
      }
      const left: string[] = [];
      for (const { name } of owned?.inputs.redirections ?? []) {
        if (wanted?.redirections.some((other) => other.name === name)) continue;
        if (router.get(name)?.owner.id === owned?.inputs.owner?.id) router.delete(name);
        else if (router.has(name)) left.push(name);
      }
      if (router.size > 0) this.routers.set(address, router);
      else this.routers.delete(address);
      return {
        reading: readingOf(rules, wanted?.options.zone ?? ""),
        confirmation: { confirmedAt: "2026-01-01T00:00:00Z", confirmedUnproven: [], confirmedTraffic: [] },
        left,
      };
    });
  }

  private taken(address: string, owner: Owner): SafeguardError {
    const cause = `it belongs to ${ownerText(owner)}`;
    return new SafeguardError({ code: "SG3201", object: `router ${address}`, step: "check the router", cause });
  }

  private requireNoFault(address: string): void {
    const { fault } = this;
    this.fault = undefined;
    if (!fault) return;
    const failure = new SafeguardError({
      code: ({ refused: "SG3301", partial: "SG3302", unreachable: "SG3001", foreign: "SG3201" } as const)[fault],
      object: `router ${address}`,
      step: "change the rules",
      cause: "the test wants it so",
    });
    throw fault !== "partial" ? failure : new PartiallyApplied(failure, { reading: readingOf(["half"], "inside") });
  }
}

function linesOf({ redirections, options }: OwnedInputs<{ zone: string }>): string[] {
  return redirections.map(({ name, spsInterface }) => `${options.zone}: ${name} to ${spsInterface}`);
}

function readingOf(rules: string[], zone: string): RouterReading<{ zone: string }> {
  return { rules, interfaces: [], counters: [], status: { zone } };
}
