import type { Capabilities, Support } from "../../provider/router/capabilities";

const ROLLBACK: Record<Capabilities["rollback"], string> = {
  device: "by the router",
  guard: "by a timer of this program on the router",
  "guard-with-shell":
    "by a timer of this program on the router where it gives a shell, otherwise by this program, while it runs and reaches the router",
  provider: "by this program, while it runs and reaches the router",
};

/** The table of a page that tells what a platform supports. */
export function capabilityTable(capabilities: Capabilities): string {
  const { rollback, persistence, portProbes, addressModes, failModes } = capabilities;
  const code = (words: readonly string[]) => words.map((word) => `\`${word}\``).join(", ");
  const text = (support: Support, note = "") => (support === true ? `yes${note}` : `no: ${support.reason}`);
  const rows = {
    "rollback of unconfirmed changes": `${ROLLBACK[rollback]} (${code([rollback])})`,
    "`persist: true`": persistence === "always" ? "always, also with `persist: false`" : text(persistence),
    "`adopt: true`": text(capabilities.adopting, `: ${adoptedParts(capabilities).join(", and ")}`),
    "`addressMode`": code(addressModes),
    "`failMode`": code(failModes),
    '`existingConnections: "leave"`': text(capabilities.existingConnections),
    '`removal.connections: "drain"`': text(capabilities.draining),
    '`bypass: "when-sps-silent"`': text(capabilities.bypass),
    '`probe.path: "required"`': text(capabilities.pathProof),
    '`probe.traffic: "required"`': text(capabilities.trafficProof),
    "`probe.hosts`": text(capabilities.hostProbes),
    "`probe.hosts[].port`":
      portProbes === "with-shell"
        ? "where the router gives a root shell; otherwise previews refuse it"
        : text(portProbes),
  };
  return Object.entries(rows)
    .map(([feature, support]) => `| ${feature} | ${support} |`)
    .join("\n");
}

function adoptedParts({ adoptedByEffect }: Capabilities): string[] {
  return ["redirections of the same names", ...(adoptedByEffect === undefined ? [] : [adoptedByEffect])];
}
