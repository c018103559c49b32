import type { OperationContext } from "../../core/context";
import { type Fact, Gathering, type Unread } from "../../join/preflight/gathering";
import type { PathTarget, PathTrial } from "../../router/planning/paths";
import { platformContext } from "../../router/platform";
import { PLATFORMS } from "../../router/platforms";
import { portRanges } from "../../router/ports";
import type { SiteRouter } from "../site/inputs";
import type { PathFacts, TcpTest, Viewpoint } from "./facts";

/** The most ports that are tried of a redirection: one open port is enough. */
const MAX_PORTS = 5;

/** What a router finds of each address of SPS that it redirects to. */
export async function pathsFromRouter(
  router: SiteRouter,
  limitSeconds: number,
  outer: OperationContext,
): Promise<PathFacts[]> {
  const platform = PLATFORMS.get(router.platform);
  if (!platform) throw new Error(`platform ${router.platform} passed the check and is not registered`);
  const connection = platform.connection.parse(router.router);
  const identity = platform.identify(connection);
  const from: Viewpoint = { kind: "router", object: identity.object };
  const targets = targetsOf(router);
  const gathering = new Gathering(outer, limitSeconds);
  try {
    const { tryPaths } = platform;
    const trials: Fact<PathTrial[]> = tryPaths
      ? await gathering.fact(() => tryPaths(connection, targets, platformContext(identity, gathering.context)))
      : { why: `the product does not try paths on the platform ${router.platform} yet` };
    return targets.map((target) => {
      const command = platform.pathCommands?.(target);
      const remedy = command === undefined ? {} : { remedy: `type on the router: ${command}` };
      if ("why" in trials) return pathOf(from, target, { ...trials, ...(trials.code === undefined && remedy) });
      const trial = trials.value.find(({ address }) => address === target.address);
      return trial ? pathOf(from, target, trial, remedy) : pathOf(from, target, { why: "it was not tried", ...remedy });
    });
  } finally {
    gathering.end();
  }
}

function targetsOf({ redirections }: SiteRouter): PathTarget[] {
  const ports = new Map<string, Set<number>>();
  for (const { spsAddress, ports: some } of redirections) {
    const known = ports.get(spsAddress) ?? new Set();
    for (const { first } of portRanges(some)) known.add(first);
    ports.set(spsAddress, known);
  }
  return [...ports].map(([address, all]) => ({ address, ports: [...all].slice(0, MAX_PORTS) }));
}

function pathOf(
  from: Viewpoint,
  { address, ports }: PathTarget,
  found: PathTrial | Unread,
  byHand: { remedy?: string } = {},
): PathFacts {
  const to = { kind: "sps", object: `sps ${address}`, address } as const;
  if ("why" in found) {
    const tcp = ports.map((port): TcpTest => ({ port, need: "one-of", result: found }));
    return { from, to, tcp, packets: found, hops: found };
  }
  const unread = (why: string): Unread => ({ why, ...byHand });
  const tcp = found.tcp.map(
    ({ port, result, why }): TcpTest => ({ port, need: "one-of", result: result ? { value: result } : unread(why) }),
  );
  const { packets, hops } = found;
  return {
    ...{ from, to, tcp },
    packets: typeof packets === "string" ? unread(packets) : { value: packets },
    hops: typeof hops === "string" ? unread(hops) : { value: hops },
  };
}
