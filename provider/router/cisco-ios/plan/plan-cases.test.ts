import { canonicalRedirection, type Redirection, redirectionSchema } from "../../redirection";
import { type Desired, desiredFor, NOTHING } from "../model/desired";
import { readRunningConfig } from "../read/running-config";
import { planContext } from "./decision";
import { planChanges } from "./plan";

export const OBJECT = "router 10.0.0.9";
export const OWNER = { id: "0123456789ab" };

/** A redirection that fits the configurations for tests. */
export function redirection(parts: Record<string, unknown> = {}): Redirection {
  const given = {
    name: "rdp",
    clientInterfaces: ["Gi0/1"],
    clientCidrs: ["192.168.50.0/24"],
    serverCidrs: ["10.0.0.0/25"],
    ports: [3389],
    spsAddress: "172.16.9.2",
    spsInterface: "GigabitEthernet0/3",
    existingConnections: "cut",
    ...parts,
  };
  return canonicalRedirection(redirectionSchema.parse(given) as Redirection);
}

/** The wanted state for redirections, with further inputs of the resource. */
export function wantedWith(parts: Record<string, unknown>, ...redirections: Redirection[]): Desired {
  const options = { reloadFallback: false, trackSps: false };
  const watchdog = { intervalSeconds: 5, missedProbes: 3 };
  const inputs = { redirections, options, persist: false, bypass: "never", watchdog, owner: OWNER, ...parts };
  return desiredFor(inputs as unknown as Parameters<typeof desiredFor>[0]);
}

export const wanted = (...redirections: Redirection[]): Desired => wantedWith({}, ...redirections);

export function contextFor(text: string, to: Desired, from: Desired = NOTHING, isAdopting = false) {
  return planContext(readRunningConfig(text, OBJECT), { wanted: to, owned: from, isAdopting }, OBJECT);
}

/** The commands of the changes, then those after the confirmation. */
export function commandsFor(...parts: Parameters<typeof contextFor>): string[] {
  const { changes, cleanup } = planChanges(contextFor(...parts));
  return [...changes, ...cleanup].flatMap(({ commands }) => commands);
}
