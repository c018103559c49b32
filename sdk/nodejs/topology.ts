import type { TopologyOptions, TopologyReport } from "../../provider/diagnosis/topology/run";

export type { TopologyOptions, TopologyReport } from "../../provider/diagnosis/topology/run";

/**
 * Reads what there is of sites without changing anything. What cannot be read is reported, never thrown.
 * @throws TypeError when the options are not valid, naming each property; the signal's reason when it aborts
 */
export async function getTopology(
  options: TopologyOptions,
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<TopologyReport> {
  // Programs that only declare resources load none of it.
  const { runTopology } =
    require("../../provider/diagnosis/topology/run") as typeof import("../../provider/diagnosis/topology/run");
  return runTopology(options, signal);
}
