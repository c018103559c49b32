import type { Owned, OwnedInputs } from "../../platform";
import { type Desired, desiredState, NOTHING } from "./desired";
import { renamed } from "./interfaces";
import type { NextHop } from "./next-hops";
import type { LinuxOptions } from "./options";
import type { LinuxStatus } from "./status";

/** The wanted state on the router for the inputs of a resource. */
export function desiredFor(inputs: OwnedInputs<LinuxOptions>): Desired {
  const { redirections, options, persist, bypass, watchdog, owner } = inputs;
  return desiredState(redirections, options, persist, bypass === "when-sps-silent" ? watchdog : undefined, owner);
}

/** Everything on the router that a resource owns, including leftovers of an unfinished update. */
export function ownedBy({ inputs, unfinished, interfaces, status }: Owned<LinuxOptions, LinuxStatus>): Desired {
  // Resolve selected interfaces as they were when the router was last read.
  const names = new Map(interfaces.flatMap(({ name, selectedBy = [] }) => selectedBy.map((text) => [text, name])));
  const held = (one: OwnedInputs<LinuxOptions>) => renamed(desiredFor(one), (text) => names.get(text) ?? text);
  const now = held(inputs);
  const before = unfinished ? held(unfinished) : NOTHING;
  const chainNames = new Set(now.chains.map((chain) => chain.name));
  const isKnown = (hop: NextHop) =>
    now.hops.some((other) => other.mark === hop.mark && other.table === hop.table && other.device === hop.device);
  return {
    backend: status?.backend ?? now.backend,
    hops: [...now.hops, ...before.hops.filter((hop) => !isKnown(hop))],
    chains: [...now.chains, ...before.chains.filter((chain) => !chainNames.has(chain.name))],
    isPersistent: now.isPersistent,
    owner: inputs.owner,
  };
}
