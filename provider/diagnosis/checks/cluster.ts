import type { Facts } from "../../join/preflight/facts";
import type { Finding } from "../graph/finding";
import { reusedFindings } from "./reused";

/** Roles, members and synchronization of the SPS cluster. */
export function clusterFindings(facts: Facts): Finding[] {
  const [level, side] = ["cluster", "sps"] as const;
  const central = "sps-central-management";
  const findings = reusedFindings(
    [
      { id: central, level, side, after: ["sps-login", "sps-set-up"] },
      { id: "sps-cluster-id", level, side, after: [central] },
      { id: "sps-members", level, side, after: [central] },
      { id: "sps-recording", level, side, after: [central] },
      { id: "sps-synchronization", level, side, after: [central, "sps-members"] },
    ],
    facts,
  );
  return findings.filter(({ id }) => id !== "sps-cluster-id" || facts.clusterId !== undefined);
}
