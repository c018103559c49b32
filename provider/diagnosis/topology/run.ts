import type { z } from "zod";
import { operationContext } from "../../core/context";
import { checkedOptions } from "../../core/function-options";
import { siteProblems } from "../site/problems";
import { getTopologyFunction } from "./function";
import { readTopologies } from "./topology";

/** Options of `getTopology`: the sites, and a time limit. */
export type TopologyOptions = z.input<typeof getTopologyFunction.inputs>;

/** What `getTopology` returns. */
export type TopologyReport = z.output<typeof getTopologyFunction.outputs>;

/** The work of `getTopology`, which is loaded on its first call. Throws as `getTopology`. */
export async function runTopology(options: TopologyOptions, signal: AbortSignal | undefined): Promise<TopologyReport> {
  const { sites, limitSeconds } = checkedOptions(getTopologyFunction.inputs, options);
  const problems = siteProblems(sites);
  if (problems.length > 0) throw new TypeError(problems.join(" "));
  const context = operationContext({ ...(signal && { signal }) });
  return { sites: await readTopologies(sites, limitSeconds, context) };
}
