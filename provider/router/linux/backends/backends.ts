import { ifKnown, UNKNOWN, type Unknown } from "../../../core/unknown";
import type { InputFailure } from "../../../core/validate";
import type { CheckedRedirection, Redirection } from "../../redirection";
import { type BackendName, type BackendSetting, FIREWALL_BACKENDS } from "../model/backend-names";
import type { Chain, Desired } from "../model/desired";
import type { Found } from "../model/found";
import type { CheckedLinuxOptions } from "../model/options";
import type { ClassificationBackend } from "./backend";
import { ipRule } from "./ip-rule";
import { iptablesLegacy, iptablesNft } from "./iptables";
import { nftables } from "./nftables";

const ALL: readonly ClassificationBackend[] = [iptablesNft, iptablesLegacy, nftables, ipRule];

/** The chosen backend and the reason. */
export interface Choice {
  /** Absent when the router has no usable backend. */
  name?: BackendName;
  reason: string;
}

/** A backend by its name. */
export function backendOf(name: BackendName): ClassificationBackend {
  return ALL.find((backend) => backend.name === name) ?? iptablesNft;
}

/**
 * The backend that gives the wanted lines without reading a router. All backends that mark packets give the same lines.
 */
export function backendInPreview(setting: BackendSetting): ClassificationBackend {
  return backendOf(setting === "auto" ? "iptables-nft" : setting);
}

/**
 * The backend for the wanted redirections. With `auto`: the backend that holds them already, else the default iptables
 * of the router, else nftables, else the other iptables.
 */
export function chooseBackend(desired: Pick<Desired, "backend" | "chains">, found: Found): Choice {
  if (desired.backend !== "auto") return { name: desired.backend, reason: "linux.backend is set to it" };
  const { usualBackend, firewalls, unusable } = found;
  const order = [...(usualBackend ? [usualBackend] : []), "nftables" as const, ...FIREWALL_BACKENDS];
  const usable = order.filter((name) => firewalls.has(name));
  const [first] = usable;
  const holder = usable.find((name) => desired.chains.some((chain) => backendOf(name).holds(chain, found)));
  if (holder && holder !== first) return { name: holder, reason: "the redirections are stored there already" };
  if (first === undefined) return { reason: [...new Set(unusable.values())].join(", ") };
  if (first === usualBackend) return { name: first, reason: "the router's command iptables uses it" };
  return { name: first, reason: unusable.get("iptables-nft") ?? "the router has no command iptables" };
}

/** All backends but this one. */
export function otherBackends(name: BackendName | undefined): readonly ClassificationBackend[] {
  return ALL.filter((backend) => backend.name !== name);
}

/** The other backends that hold rules of a redirection. */
export function otherBackendsHolding(
  chain: Chain,
  chosen: BackendName | undefined,
  found: Found,
): ClassificationBackend[] {
  return otherBackends(chosen).filter((backend) => backend.holds(chain, found));
}

/** Redirections that the wanted backend cannot express, each with the path of the property and the reason. */
export function backendProblems(
  redirections: readonly (CheckedRedirection | Unknown)[],
  { backend }: CheckedLinuxOptions,
): InputFailure[] {
  if (backend === UNKNOWN) return [];
  return redirections.flatMap((redirection, index) => {
    const known = ifKnown(redirection) as Redirection | undefined;
    if (!known) return [];
    return backendInPreview(backend)
      .limits(known)
      .map(({ property, reason }) => {
        const path = `redirections[${index}].${property}`;
        return { path, reason: `${path}: ${reason}` };
      });
  });
}
