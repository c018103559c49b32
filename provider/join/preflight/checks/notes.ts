import { type Note, SOURCES } from "../check";
import { isPromotionDue } from "../consequences";
import { type Facts, SPS_PORT } from "../facts";
import { valueIfRead } from "../gathering";

/** Conditions that the preflight cannot check, and how to check them. */
export function notesOf(facts: Facts): Note[] {
  return [...firmware(facts), ports(facts)];
}

/** A node reports its version only after a login. */
function firmware({ sps }: Facts): Note[] {
  const others = (valueIfRead(sps.cluster)?.nodes.length ?? 0) - 1;
  if (others < 1) return [];
  const version = valueIfRead(sps.info)?.firmwareVersion ?? "an unknown version";
  return [
    {
      id: "sps-firmware",
      title: "the SPS nodes run one version",
      source: SOURCES.manageClusters,
      text: `the Central Management node runs ${version}; the other nodes report theirs only after a login there (SpsCluster compares them)`,
    },
  ];
}

function ports(facts: Facts): Note {
  return {
    id: "ports",
    title: `tcp 443 and ${SPS_PORT} between the two`,
    source: SOURCES.join,
    text: `${sppPart(facts)}; only SPS can try tcp 443 to SPP, at Basic Settings > Troubleshooting`,
  };
}

function sppPart(facts: Facts): string {
  const { portTest: test } = facts.spp;
  if ("why" in test) return `tcp ${SPS_PORT} was not tried: ${test.why}`;
  if (test.value === undefined) return `SPP tries tcp ${SPS_PORT} to SPS only with diagnostics`;
  const result = `SPP tried ${facts.sps.address}:${SPS_PORT} and says "${test.value}" (free text for a person)`;
  return isPromotionDue(facts) ? `${result}; SPS opens the port when it is promoted` : result;
}
